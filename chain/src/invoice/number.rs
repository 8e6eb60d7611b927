//! The 20-digit number of an invoice.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Year (2), region (2), channel (1), sequence (15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvoiceNumber([u8; 20]);

impl InvoiceNumber {
    /// Composes a number.
    #[must_use]
    pub fn new(year: u16, region: u8, channel: u8, sequence: u64) -> Option<Self> {
        let text = format!("{:02}{region:02}{channel}{sequence:015}", year % 100);
        text.as_bytes().try_into().ok().map(Self)
    }
    /// The digits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}
impl fmt::Display for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(core::str::from_utf8(&self.0).unwrap_or_default())
    }
}
impl fmt::Debug for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvoiceNumber({self})")
    }
}
