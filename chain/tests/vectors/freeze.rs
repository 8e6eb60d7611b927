//! One digest for each encoded type, over samples that reach every variant and every option.
//!
//! A digest that changes is a change of the protocol, even where no other vector notices.

use std::collections::BTreeMap;

use piao_chain::codec;
use piao_chain::digest::{InvoiceId, Tag, hash};
use piao_chain::genesis::Network;
use piao_chain::proof::{Checkpoint, SlotProof, TrustRootBody};
use piao_chain::rate::RatePpm;
use piao_chain::signature::KeyId;
use piao_chain::state::{
    Account, AccountLimits, AccountStatus, Fees, IdemRecord, InvoiceLeaf, IssueLimits, KeyLeaf,
    KeyRole, Leaf, MaintenanceReason, ProposalState, QuotaStatus, RedMark, RedProposal,
    RuleSetSchedule, Slot, Totals,
};
use piao_chain::tax::{Buyer, RedPart, RedReference, TaxFacts, Taxpayer};
use piao_chain::testing::{TestNet, sample_document, sample_facts, sample_invoice, sample_uscc};
use piao_chain::transaction::{
    ActivateRuleSet, Announce, AnswerRedLetter, EndMaintenance, Identity, Payload, RedAnswer,
    RevokeKey, SetLimits,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::story;

#[derive(Default)]
struct Frozen(BTreeMap<&'static str, Value>);

impl Frozen {
    fn add<T: Serialize>(&mut self, name: &'static str, samples: &[T]) {
        let bytes: Vec<u8> = samples.iter().flat_map(codec::encode).collect();
        self.add_bytes(name, &bytes);
    }

    fn add_bytes(&mut self, name: &'static str, bytes: &[u8]) {
        let row = json!({ "bytes": bytes.len(), "digest": hexed(hash(Tag::Dev, bytes)) });
        assert!(self.0.insert(name, row).is_none(), "{name} stands twice");
    }
}

fn invoice_leaf() -> InvoiceLeaf {
    InvoiceLeaf {
        reversed_fen: vec![1, -2],
        reissued_by: Some(3),
        booked_use: 4,
        claim: 2,
        booked_period: 202_611,
        last_red: Some(RedMark {
            slot: (3 << 36) | 2,
            number: "26427000000000000002".parse().unwrap(),
            time_ms: 5,
        }),
    }
}

fn key_leaf(role: KeyRole, height: Option<u64>) -> KeyLeaf {
    KeyLeaf {
        account: 7,
        role,
        from_height: 2,
        revoked_height: height,
        disputed_since: height,
    }
}

fn account(status: AccountStatus, taxpayer: Taxpayer) -> Account {
    Account {
        status,
        taxpayer,
        region: 42,
        fee_balance_fen: 5_000,
        month_quota_fen: 100,
        quota_month: 202_611,
        quota_used_fen: 50,
        counter: 3,
        last_invoice_id: InvoiceId([8; 32]),
        failures_day: 20_778,
        failures: 1,
    }
}

fn schedules() -> [RuleSetSchedule; 2] {
    let mut schedule = RuleSetSchedule::default();
    schedule.add((9, 2), 3, 1).unwrap();
    [RuleSetSchedule::default(), schedule]
}

fn facts() -> Vec<TaxFacts> {
    let mut red = sample_facts();
    red.buyer = Buyer::Sealed {
        commitment: [6; 32],
        class: 3,
    };
    red.red = Some(RedReference {
        original_slot: 9,
        reason: 1,
        confirmation: Some(10),
    });
    red.lines[0].zero_rate_kind = Some(1);
    red.lines[0].rate = RatePpm::ZERO;
    vec![sample_facts(), red]
}

fn add_state(frozen: &mut Frozen) {
    let identities = [Identity::Clear(sample_uscc()), Identity::Sealed([4; 32])];
    let accounts = [
        account(AccountStatus::Active, Taxpayer::General),
        account(AccountStatus::Suspended, Taxpayer::SmallScale),
        account(AccountStatus::Revoked, Taxpayer::General),
    ];
    let keys = [
        key_leaf(KeyRole::Issue, None),
        key_leaf(KeyRole::Admin, Some(5)),
    ];
    let totals = Totals {
        minted_fen: 1,
        collected_fen: 2,
        issued_count: 3,
        accounts: 4,
        keys: 5,
    };
    let mut params = TestNet::new(1).genesis.initial_params();
    let before = params.clone();
    params.fees_next = Some((
        9,
        Fees {
            issue_fen: 25,
            failure_fen: 2,
        },
    ));
    let leaf = Leaf::Invoice(InvoiceId([1; 32]), invoice_leaf());
    frozen.add_bytes("Leaf::Invoice", &leaf.encode());
    frozen.add("RuleSetSchedule", &schedules());
    frozen.add("Identity", &identities);
    frozen.add("Account", &accounts);
    frozen.add("KeyLeaf", &keys);
    frozen.add("InvoiceLeaf", &[invoice_leaf()]);
    frozen.add("Totals", &[totals]);
    frozen.add("Params", &[before, params]);
    frozen.add("Slot", &[Slot::PARAMS, Slot::TOTALS, Slot::account(1)]);
    let record = IdemRecord {
        valid_until_ms: 1,
        height: 2,
        index: 3,
    };
    frozen.add("IdemRecord", &[record]);
    let proof = SlotProof {
        empty: 5,
        siblings: vec![[1; 32]],
    };
    frozen.add("SlotProof", &[proof]);
}

fn add_blocks(frozen: &mut Frozen, net: &TestNet) {
    let payloads: Vec<_> = net
        .blocks
        .iter()
        .flat_map(|one| one.block.transactions.clone())
        .collect();
    let bodies: Vec<_> = payloads.iter().map(|one| one.body().clone()).collect();
    let outcomes: Vec<_> = net
        .blocks
        .iter()
        .flat_map(|one| one.outcomes.clone())
        .collect();
    frozen.add("SignedTransaction", &payloads);
    frozen.add("TransactionBody", &bodies);
    frozen.add("Outcome", &outcomes);
    frozen.add("Header", &[net.genesis.header(), net.tip()]);
    let blocks: Vec<_> = net.blocks.iter().map(|one| one.block.clone()).collect();
    frozen.add("Block", &blocks);
    let certificates: Vec<_> = net
        .blocks
        .iter()
        .map(|one| one.certificate.clone())
        .collect();
    frozen.add("CommitCertificate", &certificates);
    frozen.add(
        "ValidatorSet",
        std::slice::from_ref(&net.genesis.validators),
    );
    frozen.add("Genesis", std::slice::from_ref(&net.genesis));
    frozen.add("Network", &[Network::Test, Network::Production]);
}

fn add_proofs(frozen: &mut Frozen, net: &TestNet) {
    let proof = net.prove(4, 1).unwrap();
    frozen.add_bytes("proof file", &proof.encode());
    frozen.add("Latest", &[proof.latest.unwrap()]);
    frozen.add("KeyProof", &[proof.key]);
    frozen.add("StatusProof", &[proof.status]);
    frozen.add("SignedCard", &[net.card()]);
    let document = sample_document("a");
    frozen.add("DisclosedField", &[document.disclose(2, 0).unwrap()]);
    frozen.add("Document", &[document]);
    let mut body = TrustRootBody::of_genesis(&net.genesis);
    let first = body.clone();
    body.previous_fingerprint = Some([2; 32]);
    let checkpoint: Checkpoint = body.checkpoint.clone();
    frozen.add("TrustRootBody", &[first, body]);
    frozen.add("Checkpoint", &[checkpoint]);
}

fn add_limits(frozen: &mut Frozen) {
    let some = IssueLimits {
        single_invoice_fen: 1,
        invoices_per_day: 2,
        quota: QuotaStatus::Suspended,
    };
    let all = [IssueLimits::default(), some];
    frozen.add("IssueLimits", &all);
    let counted = [None, Some(some)].map(|own| AccountLimits {
        own,
        day: 20_778,
        issued: 3,
    });
    frozen.add("AccountLimits", &counted);
    let set = [(0, None), (7, Some(some))];
    let set = set.map(|(account, limits)| Payload::SetLimits(SetLimits { account, limits }));
    frozen.add("SetLimits", &set);
}

fn add_announcements(frozen: &mut Frozen) {
    let announced = MaintenanceReason::ALL.map(|reason| {
        Payload::Announce(Announce {
            reason,
            from_ms: 1,
            until_ms: 2,
        })
    });
    frozen.add("Announce", &announced);
    let end = EndMaintenance { announcement: 3 };
    frozen.add("EndMaintenance", &[Payload::EndMaintenance(end)]);
}

fn add_red_letters(frozen: &mut Frozen) {
    use ProposalState::{Accepted, Open, Refused, Used, Withdrawn};
    let proposals = [Open, Accepted, Refused, Withdrawn, Used].map(|state| RedProposal {
        proposed_by: 1,
        answered_by: 2,
        reason: 3,
        parts: vec![RedPart {
            line: 4,
            amount_fen: 5,
        }],
        proposed_ms: 6,
        state,
    });
    frozen.add("RedProposal", &proposals);
    frozen.add("InvoiceLeaf, untouched", &[InvoiceLeaf::default()]);
    let answers = [RedAnswer::Accept, RedAnswer::Refuse, RedAnswer::Withdraw];
    let answers = answers.map(|answer| AnswerRedLetter {
        proposal_slot: (5 << 36) | 1,
        answer,
    });
    frozen.add("AnswerRedLetter", &answers);
    let revoked = [None, Some(9)].map(|since| RevokeKey {
        key: KeyId([1; 16]),
        compromised_since_height: since,
    });
    frozen.add("RevokeKey", &revoked);
}

/// Every type that has an encoding.
pub(crate) fn freeze() -> Value {
    let mut frozen = Frozen::default();
    let net = story();
    add_state(&mut frozen);
    add_blocks(&mut frozen, &net);
    add_proofs(&mut frozen, &net);
    frozen.add("TaxFacts", &facts());
    let mut invoice = sample_invoice("a");
    let plain = invoice.clone();
    invoice.holder = Some([7; 32]);
    invoice.payments = vec![Slot::from_u64(4 << 36).unwrap()];
    frozen.add("IssueInvoice", &[plain, invoice]);
    let activate = ActivateRuleSet {
        id: 2,
        from_height: 9,
    };
    frozen.add("ActivateRuleSet", &[Payload::ActivateRuleSet(activate)]);
    add_limits(&mut frozen);
    add_announcements(&mut frozen);
    let (_net, [_before, during, after]) = crate::deciders::travelled();
    frozen.add("SetLink", &after.links);
    frozen.add_bytes("proof file with links", &during.encode());
    add_red_letters(&mut frozen);
    json!(frozen.0)
}
