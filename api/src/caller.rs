//! Who makes a call, and which accounts that lets them use.
//!
//! Guards: a key is scoped to accounts; a call never reaches an account outside that scope.
//! Choices: no key or an unknown one is 401 E2010 with `WWW-Authenticate: Bearer`; a known key
//! outside its scope, and a development call from a foreign `Host` or `Origin`, is 403 E2013.

use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

/// Somebody who may use a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// A name for logs that is not the key, for instance the first characters of its hash.
    pub name: String,
    /// Accounts the caller may use, at least one; the first is used when a call names none.
    pub accounts: Vec<u32>,
}

impl Caller {
    /// The account a call acts on: the one it names, or the caller's first.
    ///
    /// # Errors
    /// [`FailureCode::PermissionDenied`] if the caller may not use it.
    pub fn account(&self, asked: Option<u32>) -> Result<u32, Box<Fault>> {
        let account = asked.or_else(|| self.accounts.first().copied());
        account
            .filter(|account| self.owns(*account))
            .ok_or_else(|| {
                Fault::at(FailureCode::PermissionDenied, "/account")
                    .got(asked.map_or_else(String::new, |account| account.to_string()))
                    .expected("an account of this API key")
                    .into()
            })
    }

    /// The caller as one who may use only the account named, or unchanged if none is.
    ///
    /// # Errors
    /// [`FailureCode::PermissionDenied`] if the caller may not use it.
    pub fn narrowed(self, asked: Option<u32>) -> Result<Self, Box<Fault>> {
        match asked {
            None => Ok(self),
            Some(_) => Ok(Self {
                accounts: vec![self.account(asked)?],
                ..self
            }),
        }
    }

    /// Whether the caller may use this account.
    #[must_use]
    pub fn owns(&self, account: u32) -> bool {
        self.accounts.contains(&account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_uses_the_first_account_and_no_foreign_one() {
        let caller = Caller {
            name: "test".to_owned(),
            accounts: vec![3, 5],
        };
        assert_eq!(caller.account(None), Ok(3));
        assert_eq!(caller.account(Some(5)), Ok(5));
        let refused = caller.account(Some(4)).map_err(|fault| fault.code);
        assert_eq!(refused, Err(FailureCode::PermissionDenied));
        let nobody = Caller {
            name: "none".to_owned(),
            accounts: Vec::new(),
        };
        assert!(nobody.account(None).is_err());
    }
}
