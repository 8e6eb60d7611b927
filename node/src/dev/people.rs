//! The sample merchants and the sample buyer of a development network. All made up.

use piao_chain::tax::{Taxpayer, Uscc, org_code_check, uscc};

/// A sample account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Account number it gets: registrations are made in this order.
    pub account: u32,
    /// Name of its keys in the key ring.
    pub key_name: &'static str,
    /// Name of the key it answers with in the key ring.
    pub admin_name: &'static str,
    /// Name of the merchant's secret in the key ring.
    pub secret_name: &'static str,
    /// Registered name.
    pub name: &'static str,
    /// General or small-scale taxpayer.
    pub taxpayer: Taxpayer,
    /// Region digits of its invoice numbers.
    pub region: u8,
    /// Whether it gets fees to start with.
    pub funded: bool,
    /// Organisation code within its unified social credit code.
    org: [u8; 8],
}

/// Everybody, in order of their account numbers.
#[must_use]
pub fn people() -> [Person; 3] {
    [
        Person {
            account: 1,
            key_name: "merchant-1",
            admin_name: "merchant-1-admin",
            secret_name: "merchant-1-secret",
            name: "武汉市江岸区示例餐饮店",
            taxpayer: Taxpayer::General,
            region: 42,
            funded: true,
            org: *b"MAPA0000",
        },
        Person {
            account: 2,
            key_name: "merchant-2",
            admin_name: "merchant-2-admin",
            secret_name: "merchant-2-secret",
            name: "武汉市洪山区示例书店",
            taxpayer: Taxpayer::SmallScale,
            region: 42,
            funded: true,
            org: *b"MAPA0001",
        },
        Person {
            account: 3,
            key_name: "buyer-1",
            admin_name: "buyer-1-admin",
            secret_name: "buyer-1-secret",
            name: "深圳市示例科技有限公司",
            taxpayer: Taxpayer::General,
            region: 44,
            funded: false,
            org: *b"MAPA0002",
        },
    ]
}

impl Person {
    /// Its unified social credit code.
    ///
    /// # Panics
    /// Never: the parts are valid, which a test shows.
    #[must_use]
    pub fn uscc(&self) -> Uscc {
        let region = if self.region == 44 {
            *b"440300"
        } else {
            *b"420100"
        };
        let check = org_code_check(self.org).expect("sample codes are of the alphabet");
        let mut org = [check; 9];
        org[..8].copy_from_slice(&self.org);
        uscc::from_parts(b'9', b'1', region, org).expect("sample parts are valid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_valid_code_of_their_own() {
        let mut codes: Vec<String> = people().iter().map(|one| one.uscc().to_string()).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), people().len());
        assert!(
            people()
                .iter()
                .all(|one| one.uscc().org_code_is_consistent())
        );
    }
}
