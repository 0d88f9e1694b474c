//! Random programs of operations, compared with a model, with errors at every call.

mod concurrent_model;
mod fault_sweep;
mod model;
pub(crate) mod stage;
pub(crate) mod staged_file;
pub(crate) mod sweep_programs;
pub(crate) mod text_program;
