//! The signals that end the embedder.

use std::io;

/// Waits for a signal that ends the embedder, and returns the conventional exit status.
#[cfg(unix)]
pub(crate) async fn interruption() -> io::Result<i32> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // `nohup` starts programs that ignore the end of the terminal.
    let mut hangup =
        if is_ignored(SignalKind::hangup()) { None } else { Some(signal(SignalKind::hangup())?) };
    let hung_up = async {
        match &mut hangup {
            Some(hangup) => hangup.recv().await,
            None => std::future::pending().await,
        }
    };
    let signal = tokio::select! {
        _ = interrupt.recv() => SignalKind::interrupt(),
        _ = quit.recv() => SignalKind::quit(),
        _ = terminate.recv() => SignalKind::terminate(),
        _ = hung_up => SignalKind::hangup(),
    };
    Ok(128 + signal.as_raw_value())
}

/// Waits for Ctrl-C, and returns the conventional exit status.
#[cfg(not(unix))]
pub(crate) async fn interruption() -> io::Result<i32> {
    tokio::signal::ctrl_c().await?;
    Ok(130)
}

/// Whether the process was started with a signal ignored. Only Linux reports it without unsafe code.
#[cfg(unix)]
fn is_ignored(signal: tokio::signal::unix::SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ignored & (1 << (signal.as_raw_value() - 1)) != 0
}
