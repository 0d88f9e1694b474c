//! A workload as a picture: a dot for each median on a logarithmic scale, and its middle half.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::measure::{Outcome, sorted, time};
use crate::workloads::Figures;

const WIDTH: u32 = 900;
const ROW: i32 = 26;
const TOP: i32 = 34;
/// The start and the end of the scale, in pixels; names end at its start.
const SCALE: (i32, i32) = (320, 780);

const OURS: RGBColor = RGBColor(0xb3, 0x3c, 0x1e);
const THEIRS: RGBColor = RGBColor(0x33, 0x52, 0x74);
const GRID: RGBColor = RGBColor(0xcc, 0xcc, 0xcc);

pub(crate) fn write(path: &Path, figures: &Figures<'_>) -> Outcome<()> {
    let rows = sorted(&figures.measured);
    let height = TOP + ROW * rows.len() as i32 + 30;
    let area = SVGBackend::new(path, (WIDTH, height as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let text = |size: i32, right: bool| {
        let side = if right { HPos::Right } else { HPos::Left };
        ("sans-serif", size).into_font().into_text_style(&area).pos(Pos::new(side, VPos::Center))
    };
    let title = format!(
        "{}: {}, time for each {}",
        figures.workload.id, figures.workload.title, figures.workload.unit
    );
    area.draw(&Text::new(title, (12, 16), text(14, false)))?;

    let first = rows.iter().map(|one| one.quartiles[0]).fold(f64::INFINITY, f64::min).log10().floor();
    let last = rows.iter().map(|one| one.quartiles[1]).fold(0.0, f64::max).log10().ceil().max(first + 1.0);
    let place = |nanoseconds: f64| {
        let part = (nanoseconds.log10() - first) / (last - first);
        SCALE.0 + (part * f64::from(SCALE.1 - SCALE.0)) as i32
    };
    let bottom = TOP + ROW * rows.len() as i32;
    for power in first as i32..=last as i32 {
        let decade = 10_f64.powi(power);
        area.draw(&PathElement::new([(place(decade), TOP), (place(decade), bottom)], GRID))?;
        let label = text(12, false).pos(Pos::new(HPos::Center, VPos::Center));
        area.draw(&Text::new(scale(decade), (place(decade), bottom + 14), label))?;
    }
    for (row, one) in rows.iter().enumerate() {
        let y = TOP + ROW * row as i32 + ROW / 2;
        let is_ours = one.name.starts_with("scratch") || one.name.starts_with("examples");
        let color = if is_ours { OURS } else { THEIRS };
        area.draw(&Text::new(one.name.clone(), (SCALE.0 - 12, y), text(13, true)))?;
        let [low, high] = one.quartiles.map(place);
        area.draw(&PathElement::new([(low, y), (high, y)], color.stroke_width(3)))?;
        area.draw(&Circle::new((place(one.median), y), 5, color.filled()))?;
        area.draw(&Text::new(time(one.median), (SCALE.1 + 20, y), text(13, false)))?;
    }
    Ok(area.present()?)
}

/// Formats a power of ten of nanoseconds, without digits after the point.
fn scale(nanoseconds: f64) -> String {
    time(nanoseconds).replace(".00", "").replace(".0", "")
}
