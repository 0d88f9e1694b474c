//! Calls of the provider's exports, the same on every edge.

/// Evaluates an expression with the provider's exports, compiled once for each edge.
macro_rules! on_every_edge {
    ($instance:expr, $provider:ident => $expression:expr) => {
        match $instance.guest() {
            crate::bindings::Provider::P3($provider) => $expression,
            crate::bindings::Provider::P2($provider) => $expression,
        }
    };
}

/// Calls an export of the provider, in whichever mode, and returns what it returns, with the
/// harness's error; what `with` names converts the success.
macro_rules! call {
    ($instance:expr, $provider:ident => $export:expr, ($($argument:expr),* $(,)?) $(, with $convert:expr)?) => {
        crate::calls::on_every_edge!($instance, $provider => {
            let (result,) = $instance.call($export, ($($argument,)*)).await;
            result.map_err(crate::types::Error::from)$(.map($convert))?
        })
    };
}

/// Calls an export of the provider that can't fail; otherwise as `call!`.
macro_rules! ask {
    ($instance:expr, $provider:ident => $export:expr, ($($argument:expr),* $(,)?)) => {
        crate::calls::on_every_edge!($instance, $provider => {
            $instance.call($export, ($($argument,)*)).await.0
        })
    };
}

/// Declares the methods of a resource that only hand on what they are given.
macro_rules! methods {
    ($interface:ident, $resource:ident: $($name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $export:ident;)+) => { $(
        /// Calls the method of that name.
        pub async fn $name(&self $(, $argument: $kind)*) -> Result<$result, $crate::types::Error> {
            $crate::calls::call!(self.instance,
                provider => provider.$interface().$resource().$export(),
                (self.handle $(, $argument)*))
        }
    )+ };
}

/// The same for those that can't fail.
macro_rules! questions {
    ($interface:ident, $resource:ident: $($name:ident -> $result:ty = $export:ident;)+) => { $(
        /// Calls the method of that name.
        pub async fn $name(&self) -> $result {
            $crate::calls::ask!(self.instance,
                provider => provider.$interface().$resource().$export(), (self.handle))
        }
    )+ };
}

pub(crate) use {ask, call, methods, on_every_edge, questions};
