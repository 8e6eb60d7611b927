//! The invoice document.

pub mod number;
