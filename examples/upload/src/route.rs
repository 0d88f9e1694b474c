//! The endpoint for a request.

use alloc::format;

use crate::name::Name;
use crate::refusal::{Refusal, Status};

/// The methods that some path supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD: like GET, without the content.
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// Any other.
    Other,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Report whether the service can work.
    Probe,
    /// Send a stored file.
    Download(Name),
    /// Store the body.
    Upload(Name),
    /// Send the lines of the body, sorted.
    Sort,
}

impl Route {
    /// Finds the endpoint for a request with that method and path. A query is ignored.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::MethodNotAllowed`] if the path does not support the method, and as
    /// [`Name::decode`] does.
    pub fn find(method: Method, path_with_query: &str) -> Result<Self, Refusal> {
        let path = path_with_query.split('?').next().unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        match (path, method) {
            ("" | "healthz", Method::Get | Method::Head) => Ok(Self::Probe),
            ("" | "healthz", _) => Err(not_allowed(path, "GET, HEAD")),
            ("sort", Method::Post) => Ok(Self::Sort),
            ("sort", _) => Err(not_allowed(path, "POST")),
            (name, Method::Get | Method::Head) => Ok(Self::Download(Name::decode(name)?)),
            (name, Method::Put) => Ok(Self::Upload(Name::decode(name)?)),
            (name, _) => {
                Name::decode(name)?;
                Err(not_allowed(path, "GET, HEAD, PUT"))
            }
        }
    }
}

fn not_allowed(path: &str, allowed: &'static str) -> Refusal {
    let mut refusal = Refusal::new(Status::MethodNotAllowed, format!("/{path} supports only {allowed}"));
    refusal.allowed = Some(allowed);
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Name {
        Name::decode(name).unwrap()
    }

    #[test]
    fn files_are_stored_and_sent_by_their_name() {
        assert_eq!(Route::find(Method::Put, "/a.txt"), Ok(Route::Upload(name("a.txt"))));
        assert_eq!(Route::find(Method::Get, "/a.txt"), Ok(Route::Download(name("a.txt"))));
        assert_eq!(Route::find(Method::Head, "/a.txt"), Ok(Route::Download(name("a.txt"))));
    }

    #[test]
    fn the_probe_and_sorting_have_paths_of_their_own() {
        assert_eq!(Route::find(Method::Get, "/"), Ok(Route::Probe));
        assert_eq!(Route::find(Method::Get, "/healthz"), Ok(Route::Probe));
        assert_eq!(Route::find(Method::Post, "/sort"), Ok(Route::Sort));
    }

    #[test]
    fn a_query_is_ignored() {
        assert_eq!(Route::find(Method::Get, "/a?b/c"), Ok(Route::Download(name("a"))));
        assert_eq!(Route::find(Method::Get, "/?"), Ok(Route::Probe));
    }

    #[test]
    fn other_methods_are_refused_with_a_list_of_the_supported_ones() {
        for (method, path, allowed) in [
            (Method::Other, "/a.txt", "GET, HEAD, PUT"),
            (Method::Post, "/a.txt", "GET, HEAD, PUT"),
            (Method::Put, "/healthz", "GET, HEAD"),
            (Method::Put, "/", "GET, HEAD"),
            (Method::Get, "/sort", "POST"),
            (Method::Put, "/sort", "POST"),
        ] {
            let refusal = Route::find(method, path).unwrap_err();

            assert_eq!(refusal.status, Status::MethodNotAllowed, "{path}");
            assert_eq!(refusal.allowed, Some(allowed), "{path}");
        }
    }

    #[test]
    fn an_invalid_name_is_refused_for_every_method() {
        for method in [Method::Get, Method::Put, Method::Post, Method::Other] {
            assert_eq!(Route::find(method, "/a/b").unwrap_err().status, Status::BadRequest);
        }
    }
}
