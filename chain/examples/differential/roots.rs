//! Networks, their valid proofs, and trust roots: good, old, of other sets, and changed.

use piao_chain::proof::{Checkpoint, Proof, TrustRoot, TrustRootBody, TrustRootEnvelope};
use piao_chain::signature::{PublicKey, SecretKey};
use piao_chain::testing::{NOON_MS, RedWish, TestNet, key, sample_document};
use piao_chain::validator::{Validator, ValidatorSet};

use crate::random::Random;
use crate::texts;

/// Everything that cases are made of.
#[derive(Debug)]
pub(crate) struct World {
    /// A network of four, one of one, one of seven.
    pub(crate) nets: Vec<TestNet>,
    /// Valid proofs, and in `homes` the trust root that each holds under.
    pub(crate) proofs: Vec<Proof>,
    pub(crate) homes: Vec<usize>,
    /// The first of them are those of the networks.
    pub(crate) roots: Vec<(TrustRootEnvelope, TrustRoot)>,
    /// Those of the network whose validators changed, at several heights.
    pub(crate) moved_roots: core::ops::Range<usize>,
    /// Networks to make statements about, and their trust roots.
    pub(crate) stories: Vec<(TestNet, usize)>,
}

impl World {
    pub(crate) fn new() -> Self {
        let nets: Vec<TestNet> = [4, 1, 7].into_iter().map(network).collect();
        let (mut proofs, mut homes) = (Vec::new(), Vec::new());
        for (home, net) in nets.iter().enumerate() {
            for (height, index) in [(3, 0), (3, 2), (4, 0), (5, 1)] {
                let mut proof = net.prove(height, index).unwrap();
                if index != 1 {
                    let order = if height == 3 {
                        ["a", "b", "c"][index]
                    } else {
                        "d"
                    };
                    let document = sample_document(order);
                    let shown = [(1, 0), (20, 1)].map(|(id, line)| document.disclose(id, line));
                    proof.disclosed = shown.into_iter().flatten().collect();
                }
                proofs.push(proof);
                homes.push(home);
            }
        }
        let mut bodies: Vec<TrustRootBody> = nets
            .iter()
            .map(|net| TrustRootBody::of_genesis(&net.genesis))
            .collect();
        let (moved, moved_proofs) = moved_network();
        let home = bodies.len();
        bodies.push(TrustRootBody::of_genesis(&moved.genesis));
        bodies.extend([3, 7, 8, 10, 14].map(|height| body_at(&moved, height)));
        homes.extend(moved_proofs.iter().map(|_proof| home));
        proofs.extend(moved_proofs);
        let mut other_set = bodies[0].clone();
        other_set.checkpoint.validators = nets[2].genesis.validators.clone();
        let mut expired = bodies[0].clone();
        expired.expires_ms = NOON_MS;
        let moved_roots = home..bodies.len();
        bodies.extend([other_set, expired]);
        let (corrected, corrected_proofs) = corrected_network();
        homes.extend(corrected_proofs.iter().map(|_proof| bodies.len()));
        proofs.extend(corrected_proofs);
        let corrected_home = bodies.len();
        bodies.push(TrustRootBody::of_genesis(&corrected.genesis));
        let roots = bodies.iter().map(|body| {
            let envelope = body.sign(&[&key("authority")]);
            let root = TrustRoot::open(&envelope).unwrap();
            (envelope, root)
        });
        Self {
            roots: roots.collect(),
            nets,
            proofs,
            homes,
            moved_roots,
            stories: vec![(corrected, corrected_home), (moved, home)],
        }
    }
}

/// Blocks of one to three invoices above the registration.
fn network(validators: usize) -> TestNet {
    let mut net = TestNet::with_merchant(validators);
    for orders in [&["a", "b", "c"][..], &["d"], &["e", "f"], &[]] {
        let invoices = orders.iter().map(|order| net.invoice(order)).collect();
        net.commit(invoices);
    }
    net
}

/// A network whose validators changed twice, and proofs as of three of its blocks.
fn moved_network() -> (TestNet, Vec<Proof>) {
    const FIVE: [&str; 5] = ["validator 0", "validator 1", "validator 2", "new", "newer"];
    let mut net = TestNet::with_merchant(4);
    let invoice = net.invoice("a");
    net.commit(vec![invoice]);
    let mut proofs = vec![net.prove(3, 0).unwrap()];
    for (names, from_height, until) in [(&FIVE[..], 8, 8), (&FIVE[1..], 13, 14)] {
        let change = net.set_validators(names, from_height);
        net.commit(vec![change]);
        while net.tip().height < until {
            net.commit(vec![]);
        }
        proofs.push(net.prove(3, 0).unwrap());
    }
    (net, proofs)
}

/// A network with a partly reversed, a reversed and a reissued invoice, and proofs of all of them,
/// of their red letters, and of what took the place of the last.
fn corrected_network() -> (TestNet, Vec<Proof>) {
    let mut net = TestNet::with_buyer(2);
    for order in ["a", "b", "c"] {
        let invoice = net.invoice(order);
        net.commit(vec![invoice]);
    }
    let first = net.tip().height - 2;
    for (index, wish) in [
        (1, RedWish::part(3_333)),
        (1, RedWish::part(1)),
        (2, RedWish::error()),
    ] {
        let red = net.red(index, &wish);
        net.commit(vec![red]);
    }
    let reissue = net.reissue(3, &RedWish::error(), "c");
    net.commit(vec![reissue]);
    let last = net.tip().height;
    let proofs = (first..=last).flat_map(|height| {
        let parts = if height == last { 0..2 } else { 0..1 };
        parts.map(move |part| (height, part))
    });
    let proofs = proofs.map(|(height, part)| net.prove_part(height, 0, part).unwrap());
    let proofs = proofs.collect();
    (net, proofs)
}

/// A trust root whose checkpoint is the block at a height.
fn body_at(net: &TestNet, height: u64) -> TrustRootBody {
    let at = usize::try_from(height - 1).unwrap();
    let header = &net.blocks[at].block.header;
    let mut body = TrustRootBody::of_genesis(&net.genesis);
    body.checkpoint = Checkpoint {
        height,
        block_id: header.id(),
        time_ms: header.time_ms,
        validators: net.validators_at(height + 1),
    };
    body
}

/// A set of some of the known validators, with powers of any size.
pub(crate) fn any_set(random: &mut Random) -> ValidatorSet {
    let members = (0..=random.below(5)).map(|number| Validator {
        public_key: key(&format!("validator {number}")).public_key(),
        power: random.number().max(1) >> 4,
    });
    let members: Vec<Validator> = members.filter(|member| member.power > 0).collect();
    let fallback = || {
        ValidatorSet::sorted(vec![Validator {
            public_key: key("x").public_key(),
            power: 1,
        }])
    };
    ValidatorSet::sorted(members)
        .or_else(|_| fallback())
        .unwrap()
}

/// A trust root that may or may not open: the file's text, and what was done to it.
pub(crate) fn changed(world: &World, random: &mut Random) -> (&'static str, Vec<u8>) {
    let at = random.below(world.roots.len());
    if random.once_in(2) {
        let text = serde_json::to_vec(&world.roots[at].0).unwrap();
        return ("trust root, changed text", texts::changed(text, random));
    }
    let mut body = world.roots[at].1.body().clone();
    let mut keys: Vec<SecretKey> = (0..random.below(4))
        .map(|n| key(&format!("authority {n}")))
        .collect();
    keys.push(key("authority"));
    keys.sort_by_key(|key| key.public_key().id());
    for _change in 0..random.below(3) {
        change_body(&mut body, &keys, random);
    }
    let signers: Vec<&SecretKey> = keys.iter().filter(|_| !random.once_in(4)).collect();
    let mut envelope = body.sign(&signers);
    match random.below(12) {
        0 => envelope.signatures.reverse(),
        1 => envelope.signatures.extend(envelope.signatures.clone()),
        2 => envelope.kind.push('x'),
        3 => envelope.body.make_ascii_uppercase(),
        4 => envelope.body.push('0'),
        5 => envelope.network = "any".into(),
        _ => {}
    }
    (
        "trust root, signed again",
        serde_json::to_vec(&envelope).unwrap(),
    )
}

fn change_body(body: &mut TrustRootBody, keys: &[SecretKey], random: &mut Random) {
    let public: Vec<PublicKey> = keys.iter().map(SecretKey::public_key).collect();
    match random.below(12) {
        0 => body.version = random.byte() % 3,
        1 => body.suite = random.byte() % 3,
        2 => body.genesis.channel = random.byte() % 12,
        3 => body.genesis.threshold = random.byte() % 4,
        4 => body
            .genesis
            .authority_keys
            .push(key("another").public_key()),
        5 => body.genesis.params.block_bytes_max = u32::try_from(random.number() >> 32).unwrap(),
        6 => body.checkpoint.validators = any_set(random),
        7 => (body.authority_keys, body.threshold) = (public, random.byte() % 4),
        8 => body.threshold = random.byte() % 3,
        9 => body.expires_ms = random.number(),
        10 => body.previous_fingerprint = Some(random.bytes()),
        _ => body.authority_keys.reverse(),
    }
}
