//! One running component, shared by all who call it.
//!
//! A task owns the store and drives it for as long as someone holds the instance, so that what the
//! guest has started goes on whether or not a call waits for it.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures::future::{FutureExt as _, LocalBoxFuture, Shared};
use tokio::sync::{mpsc, oneshot};
use wasmtime::component::{
    Accessor, AccessorTask, Component, ComponentNamedList, Lift, Linker, Lower, ResourceAny, TypedFunc,
    TypedFuncCallConcurrent,
};
use wasmtime::{AsContextMut as _, Store, StoreContextMut};
use wasmtime_wasi::WasiCtx;

use crate::host::{Host, State};

type Work = Box<dyn FnOnce(StoreContextMut<'_, State>)>;

enum Command {
    Call(Box<dyn Call>),
    Work(Work),
    Drop(ResourceAny),
}

/// A running component whose exports are `G`.
pub(crate) struct Instance<G> {
    guest: G,
    commands: mpsc::UnboundedSender<Command>,
    crash: Crash,
}

impl<G> fmt::Debug for Instance<G> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Instance").finish_non_exhaustive()
    }
}

/// How an instance ended; known once nobody holds it, or when it has trapped.
#[derive(Clone)]
pub struct Crash(Rc<RefCell<Option<String>>>, Shared<LocalBoxFuture<'static, ()>>);

impl Crash {
    /// Waits for the end of the instance.
    pub(crate) async fn after_the_end(&self) {
        self.1.clone().await;
        if let Some(trap) = &*self.0.borrow() {
            panic!("the instance trapped: {trap}");
        }
    }
}

impl<G> Instance<G> {
    /// Runs a component of `host`; `instantiate` makes it an instance with the exports `G`.
    pub(crate) async fn start(
        host: &'static Host,
        component: &Component,
        wasi: WasiCtx,
        instantiate: impl AsyncFnOnce(&mut Store<State>, &Component, &Linker<State>) -> wasmtime::Result<G>,
    ) -> Instance<G> {
        let mut store = host.store(wasi);
        let guest = instantiate(&mut store, component, host.linker())
            .await
            .expect("the component can be instantiated");
        let (commands, queue) = mpsc::unbounded_channel();
        let trap = Rc::new(RefCell::new(None));
        let end = tokio::task::spawn_local({
            let trap = trap.clone();
            async move {
                let served = if host.calls_overlap() {
                    serve_side_by_side(store, queue).await
                } else {
                    serve_one_by_one(store, queue).await
                };
                if let Err(error) = served {
                    *trap.borrow_mut() = Some(format!("{error:?}"));
                }
            }
        });
        let end = end.map(|end| end.expect("the host's side does not panic")).boxed_local().shared();
        Instance { guest, commands, crash: Crash(trap, end) }
    }

    /// The exports.
    pub(crate) fn guest(&self) -> &G {
        &self.guest
    }

    pub(crate) fn crash(&self) -> Crash {
        self.crash.clone()
    }

    /// Calls an export. Calls start in the order in which they were made here; they overlap if
    /// their futures do and the host allows it. A call that was begun goes on although its future
    /// is dropped.
    pub(crate) async fn call<P, R>(&self, export: TypedFunc<P, R>, arguments: P) -> R
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        self.call_with(export, |_| arguments).await
    }

    /// Calls an export with arguments that are made in the store, a stream for one.
    pub(crate) async fn call_with<P, R>(
        &self,
        export: TypedFunc<P, R>,
        arguments: impl FnOnce(StoreContextMut<'_, State>) -> P + 'static,
    ) -> R
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Call(Box::new(Planned { export, arguments, reply })));
        match self.answer(answer).await {
            Ok(result) => result,
            Err(error) => panic!("the call trapped: {error:?}"),
        }
    }

    /// Does something with the store, between calls.
    pub(crate) async fn with<R: 'static>(
        &self,
        work: impl FnOnce(StoreContextMut<'_, State>) -> R + 'static,
    ) -> R {
        let (reply, answer) = oneshot::channel();
        // Whoever asked may have gone, so that nobody takes the reply.
        self.send(Command::Work(Box::new(move |store| _ = reply.send(work(store)))));
        self.answer(answer).await
    }

    /// How many resources the host holds for the guest: descriptors, above all.
    pub(crate) async fn host_resources(&self) -> usize {
        self.with(|mut store| store.data_mut().table.iter_mut().count()).await
    }

    /// How many bytes of linear memory the guest has.
    pub(crate) async fn linear_memory(&self) -> usize {
        self.with(|store| store.data().memory.0).await
    }

    /// Drops a resource of the guest, as a consumer would that goes out of scope.
    pub(crate) fn drop_resource(&self, resource: ResourceAny) {
        // After a trap nobody is there to listen, and nothing to drop.
        _ = self.commands.send(Command::Drop(resource));
    }

    fn send(&self, command: Command) {
        // The answer tells when nobody listens any more.
        _ = self.commands.send(command);
    }

    pub(crate) async fn answer<T>(&self, answer: oneshot::Receiver<T>) -> T {
        match answer.await {
            Ok(answer) => answer,
            Err(_) => panic!(
                "the instance trapped: {}",
                self.crash.0.borrow().as_deref().unwrap_or("for no known reason")
            ),
        }
    }
}

/// A call that was not begun, whatever its types are.
trait Call {
    /// Begins it beside others.
    fn begin(self: Box<Self>, accessor: &Accessor<State>);

    /// Does it to its end; fails if it traps.
    fn finish<'a>(self: Box<Self>, store: &'a mut Store<State>) -> LocalBoxFuture<'a, wasmtime::Result<()>>;
}

struct Planned<P: 'static, R: 'static, A> {
    export: TypedFunc<P, R>,
    arguments: A,
    reply: oneshot::Sender<wasmtime::Result<R>>,
}

// Whoever made a call may have gone, so that nobody takes a reply.
impl<P, R, A> Call for Planned<P, R, A>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
    A: FnOnce(StoreContextMut<'_, State>) -> P + 'static,
{
    fn begin(self: Box<Self>, accessor: &Accessor<State>) {
        let Planned { export, arguments, reply } = *self;
        let begun = accessor.with(|mut store| {
            let arguments = arguments(store.as_context_mut());
            export.start_call_concurrent(store, arguments)
        });
        match begun {
            Ok(call) => _ = accessor.spawn(Begun { export, call, reply }).expect("the store takes tasks"),
            Err(error) => _ = reply.send(Err(error)),
        }
    }

    fn finish<'a>(self: Box<Self>, store: &'a mut Store<State>) -> LocalBoxFuture<'a, wasmtime::Result<()>> {
        async move {
            let arguments = (self.arguments)(store.as_context_mut());
            let result = self.export.call_async(store, arguments).await?;
            _ = self.reply.send(Ok(result));
            Ok(())
        }
        .boxed_local()
    }
}

/// Waits for a call's result beside others.
struct Begun<P: 'static, R: 'static> {
    export: TypedFunc<P, R>,
    call: TypedFuncCallConcurrent<State, P, R>,
    reply: oneshot::Sender<wasmtime::Result<R>>,
}

impl<P, R> AccessorTask<State> for Begun<P, R>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    async fn run(self, accessor: &Accessor<State>) -> wasmtime::Result<()> {
        let result = self.export.finish_call_concurrent(accessor, self.call).await;
        _ = self.reply.send(result);
        Ok(())
    }
}

type Queue = mpsc::UnboundedReceiver<Command>;

/// Drives the store until nobody can send commands any more.
async fn serve_side_by_side(mut store: Store<State>, mut queue: Queue) -> wasmtime::Result<()> {
    let mut next_drop = async |accessor: &Accessor<State>| loop {
        match queue.recv().await {
            Some(Command::Call(call)) => call.begin(accessor),
            Some(Command::Work(work)) => accessor.with(|mut store| work(store.as_context_mut())),
            Some(Command::Drop(resource)) => return Some(resource),
            None => return None,
        }
    };
    // wasmtime drops resources outside of `run_concurrent` alone; tasks survive the interruption.
    while let Some(resource) = store.run_concurrent(&mut next_drop).await? {
        resource.resource_drop_async(&mut store).await?;
    }
    Ok(())
}

/// The same where a call is done when it returns, and then the next one begins.
async fn serve_one_by_one(mut store: Store<State>, mut queue: Queue) -> wasmtime::Result<()> {
    while let Some(command) = queue.recv().await {
        match command {
            Command::Call(call) => call.finish(&mut store).await?,
            Command::Work(work) => work(store.as_context_mut()),
            Command::Drop(resource) => resource.resource_drop_async(&mut store).await?,
        }
    }
    Ok(())
}
