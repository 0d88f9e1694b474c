//! One running component, shared by all its callers.
//!
//! A task owns the store and drives it until the instance is dropped. Tasks of the guest therefore
//! make progress whether or not a call waits for them.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures::future::{FutureExt as _, LocalBoxFuture, Shared};
use tokio::sync::{mpsc, oneshot};
use wasmtime::component::{
    Accessor, AccessorTask, Component, ComponentExportIndex, ComponentNamedList, ComponentType, Lift, Lower,
    ResourceAny, TypedFunc, TypedFuncCallConcurrent,
};
use wasmtime::{AsContextMut, Store, StoreContextMut};
use wasmtime_wasi::WasiCtx;

use crate::host::{Host, State};

type Work = Box<dyn FnOnce(StoreContextMut<'_, State>)>;

enum Command {
    Call(Box<dyn Call>),
    Work(Work),
    Drop(ResourceAny),
}

/// The versions that an interface may have; those of the test plugin have none.
const VERSIONS: [&str; 3] = ["", "@0.3.0", "@0.2.0"];

/// A running component.
pub(crate) struct Instance {
    component: Component,
    exports: wasmtime::component::Instance,
    commands: mpsc::UnboundedSender<Command>,
    crash: Crash,
}

impl fmt::Debug for Instance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Instance").finish_non_exhaustive()
    }
}

/// The end of an instance, known once it has been dropped or has trapped.
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

impl Instance {
    /// Runs a component of `host`.
    pub(crate) async fn start(host: &'static Host, component: &Component, wasi: WasiCtx) -> Instance {
        let mut store = host.store(wasi);
        let exports = host
            .linker()
            .instantiate_async(&mut store, component)
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
        let end = end.map(|end| end.expect("the host does not panic")).boxed_local().shared();
        Instance { component: component.clone(), exports, commands, crash: Crash(trap, end) }
    }

    pub(crate) fn crash(&self) -> Crash {
        self.crash.clone()
    }

    /// Calls a function of an interface, with `-` for `_` in its name. Calls start in the order in
    /// which they were made here; they overlap if their futures do and the host allows it. A call
    /// that has begun goes on although its future is dropped.
    pub(crate) async fn call<P, R>(&self, interface: &str, function: &str, arguments: P) -> R
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentType + Lift + Send + Sync + 'static,
    {
        self.call_with(interface, function, |_| arguments).await
    }

    /// Calls a function with arguments that are made in the store, such as a stream.
    pub(crate) async fn call_with<P, R>(
        &self,
        interface: &str,
        function: &str,
        arguments: impl FnOnce(StoreContextMut<'_, State>) -> P + 'static,
    ) -> R
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentType + Lift + Send + Sync + 'static,
    {
        let export = Export { instance: self.exports, index: self.find(interface, function) };
        let (reply, answer) = oneshot::channel();
        self.send(Command::Call(Box::new(Planned { export, arguments, reply })));
        match self.answer(answer).await {
            Ok((result,)) => result,
            Err(error) => panic!("{function} trapped: {error:?}"),
        }
    }

    fn find(&self, interface: &str, function: &str) -> ComponentExportIndex {
        let find = |interface: Option<&_>, name: &str| self.component.get_export_index(interface, name);
        let interface = VERSIONS
            .iter()
            .find_map(|version| find(None, &format!("{interface}{version}")))
            .unwrap_or_else(|| panic!("the component does not export {interface}"));
        find(Some(&interface), &function.replace('_', "-"))
            .unwrap_or_else(|| panic!("the interface has no {function}"))
    }

    /// Runs `work` with the store, between calls.
    pub(crate) async fn with<R: 'static>(
        &self,
        work: impl FnOnce(StoreContextMut<'_, State>) -> R + 'static,
    ) -> R {
        let (reply, answer) = oneshot::channel();
        // The reply is lost if the caller's future was dropped.
        self.send(Command::Work(Box::new(move |store| _ = reply.send(work(store)))));
        self.answer(answer).await
    }

    /// The number of resources that the host holds for the guest, such as descriptors.
    pub(crate) async fn host_resources(&self) -> usize {
        self.with(|mut store| store.data_mut().table.iter_mut().count()).await
    }

    /// The number of entries that the engine keeps for asynchronous calls.
    pub(crate) async fn calls_kept(&self) -> usize {
        self.with(|mut store| store.concurrent_resource_table().map_or(0, |table| table.iter_mut().count()))
            .await
    }

    /// The size of the guest's linear memory in bytes.
    pub(crate) async fn linear_memory(&self) -> usize {
        self.with(|store| store.data().memory.0).await
    }

    /// Drops a resource of the guest, as a consumer does at the end of a scope.
    pub(crate) fn drop_resource(&self, resource: ResourceAny) {
        // After a trap there is no task, and nothing to drop.
        _ = self.commands.send(Command::Drop(resource));
    }

    fn send(&self, command: Command) {
        // If the task has ended, waiting for the answer reports it.
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

/// A call that has not started, without its types.
trait Call {
    /// Starts it beside others.
    fn begin(self: Box<Self>, accessor: &Accessor<State>);

    /// Runs it to its end; fails if it traps.
    fn finish<'a>(self: Box<Self>, store: &'a mut Store<State>) -> LocalBoxFuture<'a, wasmtime::Result<()>>;
}

/// An exported function, without its types.
#[derive(Clone, Copy)]
struct Export {
    instance: wasmtime::component::Instance,
    index: ComponentExportIndex,
}

impl Export {
    /// The function with its types, if it has these.
    fn typed<P, R>(&self, store: impl AsContextMut) -> wasmtime::Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.instance.get_typed_func(store, self.index)
    }
}

struct Planned<R: 'static, A> {
    export: Export,
    arguments: A,
    reply: oneshot::Sender<wasmtime::Result<R>>,
}

// A reply is lost if the caller's future was dropped.
impl<P, R, A> Call for Planned<R, A>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
    A: FnOnce(StoreContextMut<'_, State>) -> P + 'static,
{
    fn begin(self: Box<Self>, accessor: &Accessor<State>) {
        let Planned { export, arguments, reply } = *self;
        let begun = accessor.with(|mut store| {
            let export = export.typed(store.as_context_mut())?;
            let arguments = arguments(store.as_context_mut());
            Ok((export, export.start_call_concurrent(store, arguments)?))
        });
        match begun {
            Ok((export, call)) => {
                _ = accessor.spawn(Begun { export, call, reply }).expect("the store takes tasks")
            }
            Err(error) => _ = reply.send(Err(error)),
        }
    }

    fn finish<'a>(self: Box<Self>, store: &'a mut Store<State>) -> LocalBoxFuture<'a, wasmtime::Result<()>> {
        async move {
            let export = self.export.typed::<P, R>(store.as_context_mut())?;
            let arguments = (self.arguments)(store.as_context_mut());
            let result = export.call_async(store, arguments).await?;
            _ = self.reply.send(Ok(result));
            Ok(())
        }
        .boxed_local()
    }
}

/// Waits for the result of a call beside others.
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

/// Drives the store until the instance is dropped.
async fn serve_side_by_side(mut store: Store<State>, mut queue: Queue) -> wasmtime::Result<()> {
    let mut next_drop = async |accessor: &Accessor<State>| loop {
        match queue.recv().await {
            Some(Command::Call(call)) => call.begin(accessor),
            Some(Command::Work(work)) => accessor.with(|mut store| work(store.as_context_mut())),
            Some(Command::Drop(resource)) => return Some(resource),
            None => return None,
        }
    };
    // wasmtime drops resources only outside of `run_concurrent`; tasks survive the interruption.
    while let Some(resource) = store.run_concurrent(&mut next_drop).await? {
        resource.resource_drop_async(&mut store).await?;
    }
    Ok(())
}

/// Does the same for a host whose calls do not overlap.
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
