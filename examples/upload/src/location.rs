//! In which preopened directory a path lies.

/// Finds the preopened directory that `path` lies in, the innermost one of several, and returns its
/// index and the path below it, which is empty for the directory itself.
pub fn find<'a>(preopened: &[&str], path: &'a str) -> Option<(usize, &'a str)> {
    let candidates = preopened.iter().enumerate().filter_map(|(index, directory)| {
        let rest = below(directory, path)?;
        Some((index, rest))
    });
    candidates.min_by_key(|(_, rest)| rest.len())
}

fn below<'a>(directory: &str, path: &'a str) -> Option<&'a str> {
    let directory = directory.trim_end_matches('/');
    let path = path.trim_end_matches('/');
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() {
        return Some(rest);
    }
    Some(rest.strip_prefix('/')?.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preopened_directory_is_found_by_its_path() {
        assert_eq!(find(&["/tmp", "/data"], "/data"), Some((1, "")));
        assert_eq!(find(&["/data/"], "/data"), Some((0, "")));
        assert_eq!(find(&["/data"], "/data/"), Some((0, "")));
        assert_eq!(find(&["."], "."), Some((0, "")));
    }

    #[test]
    fn a_directory_below_one_is_found_with_its_path_there() {
        assert_eq!(find(&["/data"], "/data/in/box"), Some((0, "in/box")));
        assert_eq!(find(&["/"], "/data"), Some((0, "data")));
        assert_eq!(find(&["/data"], "/data//in"), Some((0, "in")));
    }

    #[test]
    fn the_innermost_directory_is_taken() {
        assert_eq!(find(&["/", "/data/in", "/data"], "/data/in/box"), Some((1, "box")));
    }

    #[test]
    fn a_name_that_only_begins_alike_is_another_one() {
        assert_eq!(find(&["/data"], "/database"), None);
        assert_eq!(find(&["/data"], "/"), None);
        assert_eq!(find(&[], "/data"), None);
    }
}
