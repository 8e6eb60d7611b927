//! A network in memory whose clock is that of this machine, so that proofs are fresh today and
//! will be when this test is run years from now.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use piao_chain::proof::history::History;
use piao_chain::proof::{Proof, TrustRootBody};
use piao_chain::state::{InvoiceLeaf, Leaf, RedMark, Slot, SlotTree, StateDelta};
use piao_chain::testing::{TestNet, sample_invoice};
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::Payload;

/// A network with two invoices in block 3.
pub(crate) struct Chain {
    pub(crate) net: TestNet,
}

/// Number of the red letter that reverses.
pub(crate) const RED: &str = "26427000000000000077";

pub(crate) const HOUR_MS: u64 = 3_600_000;

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

impl Chain {
    /// A chain whose last block is this old.
    pub(crate) fn aged(age_ms: u64) -> Self {
        let clock_ms = now_ms() - age_ms - 60_000;
        let mut net = TestNet::new(4);
        net.genesis.time_ms = clock_ms - HOUR_MS;
        net.history = History::default();
        net.history.push(&net.genesis.header().id());
        net.set_clock_ms(clock_ms);
        let register = net.register_merchant();
        net.commit(vec![register]);
        let credit = net.credit(1, 5_000, "first");
        net.commit(vec![credit]);
        let batch = ["a", "b"].map(|order| {
            let mut invoice = sample_invoice(order);
            invoice.facts.issued_on = IssueDate::of(BlockTime::from_ms(clock_ms));
            let key = net.merchant.clone();
            let body = net.body(
                1,
                &key.public_key(),
                Payload::IssueInvoice(Box::new(invoice)),
            );
            TestNet::sign(body, &key)
        });
        let outcomes = net.commit(batch.to_vec());
        assert!(
            outcomes
                .iter()
                .all(piao_chain::outcome::Outcome::is_applied)
        );
        Self { net }
    }

    pub(crate) fn fresh() -> Self {
        Self::aged(0)
    }

    /// Commits an empty block with the clock this far back.
    pub(crate) fn go_on(&mut self, age_ms: u64) {
        self.net.set_clock_ms(now_ms() - age_ms - 1_000);
        self.net.commit(vec![]);
    }

    /// The proof of the first invoice, as of the tip.
    pub(crate) fn proof(&self) -> Proof {
        self.net.prove(3, 0).unwrap()
    }

    /// The proof of the second.
    pub(crate) fn other_proof(&self) -> Proof {
        self.net.prove(3, 1).unwrap()
    }

    /// The proof of a third, which shows hostile texts.
    pub(crate) fn hostile(&mut self) -> Proof {
        let day = IssueDate::of(BlockTime::from_ms(now_ms()));
        let proof = self
            .net
            .prove_hostile(|invoice| invoice.facts.issued_on = day);
        proof.unwrap()
    }

    /// The proof of the first invoice after it was reversed by so much.
    pub(crate) fn reverse(&mut self, fen: i64) -> Proof {
        self.become_of(InvoiceLeaf {
            reversed_fen: vec![fen],
            last_red: Some(RedMark {
                slot: 0,
                number: RED.parse().unwrap(),
                time_ms: 1_795_226_400_000,
            }),
            ..InvoiceLeaf::default()
        })
    }

    /// The proof of the first invoice once this became of it.
    pub(crate) fn become_of(&mut self, leaf: InvoiceLeaf) -> Proof {
        let proof = self.proof();
        let effect = proof.outcome.effects.first().unwrap();
        let slot = Slot::from_u64(effect.slot).unwrap();
        let id = effect.invoice_id(&proof.transaction.id(), 0);
        self.change(slot, Leaf::Invoice(id, leaf.clone()));
        let mut proof = self.proof();
        proof.status.leaf = Some(leaf);
        proof
    }

    /// The proof of the first invoice once its key is disputed since block 3.
    pub(crate) fn dispute(&mut self) -> Proof {
        let key = self.proof().key;
        let mut leaf = key.leaf;
        leaf.disputed_since = Some(3);
        self.change(
            Slot::key(key.index),
            Leaf::Key(key.public_key, leaf.clone()),
        );
        let mut proof = self.proof();
        proof.key.leaf = leaf;
        proof
    }

    /// Puts a leaf in its slot, and commits a block on that.
    fn change(&mut self, slot: Slot, leaf: Leaf) {
        self.net.state.apply(StateDelta {
            leaves: BTreeMap::from([(slot, leaf)]),
            ..StateDelta::default()
        });
        self.net.tree = SlotTree::build(self.net.state.leaves());
        self.go_on(0);
    }

    /// The trust root as a file.
    pub(crate) fn trust_root(&self) -> Vec<u8> {
        self.trust_root_as(|_| ())
    }

    /// The trust root with something else in it, signed all the same.
    pub(crate) fn trust_root_as(&self, change: impl FnOnce(&mut TrustRootBody)) -> Vec<u8> {
        let mut body = TrustRootBody::of_genesis(&self.net.genesis);
        change(&mut body);
        let envelope = body.sign(&[&self.net.authority]);
        serde_json::to_vec_pretty(&envelope).unwrap()
    }
}

/// Number of the invoice a proof is about.
pub(crate) fn number(proof: &Proof) -> String {
    proof.outcome.effects.first().unwrap().number.to_string()
}
