//! The signals that end the embedder.

#[cfg(not(unix))]
pub(crate) use self::ctrl_c::Interruption;
#[cfg(unix)]
pub(crate) use self::unix::Interruption;

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals that end the embedder, which from here on do not end it by themselves.
    pub(crate) struct Interruption(Vec<(SignalKind, Signal)>);

    impl Interruption {
        /// Begins to listen, in a runtime.
        pub(crate) fn listen() -> io::Result<Interruption> {
            let mut kinds = vec![SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()];
            // `nohup` starts programs that ignore the end of the terminal.
            if !is_ignored(SignalKind::hangup()) {
                kinds.push(SignalKind::hangup());
            }
            let signals = kinds.into_iter().map(|kind| Ok((kind, signal(kind)?)));
            signals.collect::<io::Result<_>>().map(Interruption)
        }

        /// Waits for one of the signals, and returns the conventional exit status.
        pub(crate) async fn status(mut self) -> io::Result<i32> {
            let received = poll_fn(|context| {
                let mut kinds = self.0.iter_mut();
                let received = kinds.find_map(|(kind, signal)| {
                    signal.poll_recv(context).is_ready().then_some(kind.as_raw_value())
                });
                received.map_or(Poll::Pending, Poll::Ready)
            });
            Ok(128 + received.await)
        }
    }

    /// Whether the process was started with a signal ignored. Only Linux reports it without unsafe code.
    fn is_ignored(signal: SignalKind) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        ignored & (1 << (signal.as_raw_value() - 1)) != 0
    }
}

#[cfg(not(unix))]
mod ctrl_c {
    use std::io;

    /// Ctrl-C.
    pub(crate) struct Interruption;

    impl Interruption {
        pub(crate) fn listen() -> io::Result<Interruption> {
            Ok(Interruption)
        }

        /// Waits for Ctrl-C, and returns the conventional exit status.
        pub(crate) async fn status(self) -> io::Result<i32> {
            tokio::signal::ctrl_c().await?;
            Ok(130)
        }
    }
}
