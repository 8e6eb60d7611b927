//! Network addresses in the form the operator writes them.
//!
//! Only IP addresses with a TCP port: a name would pull in a DNS resolver with open advisories.

use std::net::{IpAddr, SocketAddr, TcpListener};

use arc_malachitebft_app_channel::app::net::Multiaddr;

use crate::error::EngineError;

/// A place to listen on or to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) socket: SocketAddr,
    /// What follows the port: nothing, or `/p2p/<peer id>`.
    suffix: String,
}

impl Address {
    /// Reads `/ip4/<address>/tcp/<port>[/p2p/<peer id>]`, and the same with `ip6`.
    ///
    /// # Errors
    /// [`EngineError::Address`].
    pub(crate) fn parse(text: &str) -> Result<Self, EngineError> {
        let refused = || EngineError::Address(text.to_owned());
        let mut fields = text.split('/');
        let head = [
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
        ];
        let [Some(""), Some(family), Some(ip), Some("tcp"), Some(port)] = head else {
            return Err(refused());
        };
        let ip: IpAddr = ip.parse().map_err(|_source| refused())?;
        if family != (if ip.is_ipv4() { "ip4" } else { "ip6" }) {
            return Err(refused());
        }
        let port = port.parse().map_err(|_source| refused())?;
        let suffix = match (fields.next(), fields.next(), fields.next()) {
            (None, None, None) => String::new(),
            (Some("p2p"), Some(peer), None) => format!("/p2p/{peer}"),
            _ => return Err(refused()),
        };
        let address = Self {
            socket: SocketAddr::new(ip, port),
            suffix,
        };
        address.to_multiaddr()?;
        Ok(address)
    }

    /// The form the engine takes.
    ///
    /// # Errors
    /// [`EngineError::Address`] when the peer id is malformed.
    pub(crate) fn to_multiaddr(&self) -> Result<Multiaddr, EngineError> {
        let text = self.to_string();
        text.parse().map_err(|_source| EngineError::Address(text))
    }

    /// Finds out that we may listen here, and replaces port 0 by a free port.
    ///
    /// The engine does not say which port it got and stays silent when it got none, so both are
    /// settled before it starts. Somebody else may take the port in between; the engine then never
    /// becomes ready.
    ///
    /// # Errors
    /// [`EngineError::Listen`].
    pub(crate) fn reserve(&self) -> Result<Self, EngineError> {
        let failed = |source| EngineError::Listen {
            address: self.socket,
            source,
        };
        let listener = TcpListener::bind(self.socket).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self {
            socket: SocketAddr::new(self.socket.ip(), port),
            suffix: self.suffix.clone(),
        })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let family = if self.socket.is_ipv4() { "ip4" } else { "ip6" };
        write!(
            f,
            "/{family}/{}/tcp/{}{}",
            self.socket.ip(),
            self.socket.port(),
            self.suffix
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let peer =
            "/ip4/127.0.0.1/tcp/26656/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
        for text in ["/ip4/0.0.0.0/tcp/0", "/ip6/::1/tcp/9", peer] {
            assert_eq!(Address::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_names_other_transports_and_half_addresses() {
        for text in [
            "",
            "127.0.0.1:9",
            "/dns4/example.org/tcp/9",
            "/ip4/127.0.0.1/udp/9",
            "/ip6/127.0.0.1/tcp/9",
            "/ip4/127.0.0.1/tcp/65536",
            "/ip4/127.0.0.1/tcp/9/p2p/zzz",
            "/ip4/127.0.0.1/tcp/9/ws",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn port_zero_becomes_a_free_port_and_a_taken_one_is_refused() {
        let free = Address::parse("/ip4/127.0.0.1/tcp/0")
            .unwrap()
            .reserve()
            .unwrap();
        assert_ne!(free.socket.port(), 0);
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let text = format!("/ip4/127.0.0.1/tcp/{}", taken.local_addr().unwrap().port());
        assert!(matches!(
            Address::parse(&text).unwrap().reserve(),
            Err(EngineError::Listen { .. })
        ));
    }
}
