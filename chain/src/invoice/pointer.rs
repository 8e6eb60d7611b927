//! Where a field of a draft is.
//!
//! Guards: a field that is right costs no spelling; the JSON pointer is written only into a fault.

/// A field, to be spelled when somebody is told of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pointer<'a> {
    /// Spelled already.
    Spelled(&'a str),
    /// A member of the line with this index, from 0.
    Line(usize, &'static str),
    /// An entry of the list at a pointer, by its index from 0.
    Entry(&'a str, usize),
}

impl<'a> From<&'a str> for Pointer<'a> {
    fn from(spelled: &'a str) -> Self {
        Self::Spelled(spelled)
    }
}

impl From<Pointer<'_>> for String {
    fn from(pointer: Pointer<'_>) -> Self {
        match pointer {
            Pointer::Spelled(spelled) => spelled.to_owned(),
            Pointer::Line(index, name) => format!("/lines/{index}/{name}"),
            Pointer::Entry(list, index) => format!("{list}/{index}"),
        }
    }
}
