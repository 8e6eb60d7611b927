//! The tax classification codes (商品和服务税收分类编码) of a rule set.

/// A table of codes.
#[derive(Debug, PartialEq, Eq)]
pub struct ClassTable {}

/// The table of the second rule set.
pub(super) static CLASSES: ClassTable = ClassTable {};
