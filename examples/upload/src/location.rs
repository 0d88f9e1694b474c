//! The preopened directory of a path.

/// Finds the innermost preopened directory that contains `path`. Returns its index and the path below
/// it, which is empty for the directory itself.
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
    fn a_path_below_a_preopened_directory_is_relative_to_it() {
        assert_eq!(find(&["/data"], "/data/in/box"), Some((0, "in/box")));
        assert_eq!(find(&["/"], "/data"), Some((0, "data")));
        assert_eq!(find(&["/data"], "/data//in"), Some((0, "in")));
    }

    #[test]
    fn the_innermost_preopened_directory_is_found() {
        assert_eq!(find(&["/", "/data/in", "/data"], "/data/in/box"), Some((1, "box")));
    }

    #[test]
    fn a_common_beginning_of_two_names_is_not_a_match() {
        assert_eq!(find(&["/data"], "/database"), None);
        assert_eq!(find(&["/data"], "/"), None);
        assert_eq!(find(&[], "/data"), None);
    }
}
