//! What a file may say, and where what it may not say is found.

use super::*;

const HEAD: &str = "name = \"x\"\nduration = \"20s\"\n[load]\nrate = 5\nclients = 2\n\
                    [heal]\nat = \"15s\"\nliveness_within = \"30s\"\n";

fn with(step: &str) -> Result<Scenario, String> {
    parse(&format!("{HEAD}{step}"))
}

#[test]
fn the_least_a_file_can_say_is_four_validators_a_merchant_and_every_check() {
    let scenario = with("").unwrap();
    assert_eq!((scenario.validators, scenario.merchants), (4, 1));
    assert_eq!(scenario.invariants.len(), Invariant::ALL.len());
    assert_eq!(scenario.duration, Duration::from_secs(20));
    assert_eq!(scenario.seed, 1);
}

#[test]
fn steps_are_read_with_their_lengths_and_targets() {
    let scenario = with(
        "[[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = \"random\"\nevery = \"4s\"\ncount = 3\n\
         for = [\"1s\", \"2s\"]\n\
         [[step]]\nat = \"500ms\"\ndo = \"partition\"\ngroups = [[0, 1], [2, 3]]\nfor = \"5s\"\n\
         direction = \"out\"\n[[step]]\nat = \"2s\"\ndo = \"wipe\"\nnodes = [0, 1]\n",
    )
    .unwrap();
    let [kill, partition, wipe] = scenario.steps.as_slice() else {
        panic!("three steps");
    };
    assert!(matches!(kill.verb, Verb::Kill(Target::One(Chosen::Random))));
    assert_eq!((kill.count, kill.every), (3, Duration::from_secs(4)));
    assert!(matches!(kill.length, Some(Length::Between(..))));
    let Verb::Partition(groups, direction) = &partition.verb else {
        panic!("a partition");
    };
    assert_eq!(*groups, Groups::These(vec![vec![0, 1], vec![2, 3]]));
    assert_eq!(*direction, Direction::Out);
    assert!(matches!(&wipe.verb, Verb::Wipe(Target::These(nodes)) if *nodes == [0, 1]));
}

#[test]
fn what_is_not_known_is_refused_with_its_line() {
    let refused = [
        ("nonsense = 1\n", "line 9"),
        ("[[step]]\nat = \"1s\"\ndo = \"explode\"\n", "line 11"),
        (
            "[[step]]\nat = \"soon\"\ndo = \"kill\"\nnode = 0\n",
            "line 10",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"kill\"\n",
            "line 9: name one node",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = 5\n",
            "line 9: there is no node 5",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = 0\nloss = 0.5\n",
            "loss does not go with kill",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = 0\nfoo = 1\n",
            "line 13",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"pause\"\nnode = 0\n",
            "pause needs for",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"loss\"\nfor = \"1s\"\n",
            "loss needs loss",
        ),
        (
            "[[step]]\nat = \"15s\"\ndo = \"restart\"\nnode = 0\n",
            "goes on after [heal]",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = 0\nevery = \"10s\"\ncount = 3\n",
            "line 9: the step goes on after [heal]",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"wipe\"\nnode = 4\n",
            "wipe is for validators",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"join\"\nnode = 4\n",
            "can't join late",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"partition\"\nfor = \"1s\"\ngroups = [[0], [0, 1]]\n",
            "each node once",
        ),
        (
            "[[step]]\nat = \"1s\"\ndo = \"partition\"\nfor = \"1s\"\ngroups = \"2-1\"\n",
            "sizes that make up all validators",
        ),
        ("[check]\ninvariants = [\"I11\"]\n", "line 10"),
    ];
    are_refused(&refused);
}

/// Each is refused with these words, in one line.
fn are_refused(all: &[(&str, &str)]) {
    for (text, expected) in all {
        let said = with(text).unwrap_err();
        assert!(said.contains(expected), "{text}: {said}");
        assert!(said.starts_with("line ") && !said.contains('\n'), "{said}");
    }
}

#[test]
fn a_byzantine_node_that_can_not_be_is_refused_with_its_line() {
    are_refused(&[
        (
            "[[node]]\nid = 3\nbyzantine = { drop_votes = true }\n",
            "line 11: unknown field",
        ),
        (
            "[[node]]\nid = 3\nbyzantine = { silent = false }\n",
            "line 9: byzantine: silent, or something",
        ),
        (
            "[[node]]\nid = 3\n\
             byzantine = { invalid_blocks = { mode = \"random\", probability = 1.5 } }\n",
            "line 9: byzantine: a probability is 0 to 1",
        ),
        (
            "[[node]]\nid = 4\nbyzantine = { silent = true }\n",
            "line 9: byzantine: only a validator",
        ),
        (
            "[[node]]\nid = 2\nbyzantine = { silent = true }\n\
             [[node]]\nid = 3\nbyzantine = { silent = true }\n",
            "line 12: byzantine: fewer than a third",
        ),
        (
            "[[node]]\nid = 3\nbyzantine = { silent = true }\n\
             [[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = 3\n",
            "line 12: a byzantine node is not started again",
        ),
    ]);
}

#[test]
fn a_byzantine_node_has_its_vices_and_the_dice_choose_among_the_others() {
    let scenario = with(
        "[[node]]\nid = 1\nbyzantine = { equivocate_votes = { mode = \"random\", probability = 0.5 }, \
         equivocate_proposals = { mode = \"always\" } }\n",
    )
    .unwrap();
    let vices = scenario.byzantine[1].unwrap();
    assert!(vices.equivocates() && !vices.silent);
    assert_eq!(
        vices.arguments(7),
        [
            "--seed=7",
            "--equivocate-votes=0.5",
            "--equivocate-proposals=1"
        ]
    );
    assert_eq!(scenario.honest(5), [0, 2, 3, 4]);
}

#[test]
fn every_kind_of_byzantine_node_has_a_shipped_scenario_and_the_short_set_has_one() {
    let vices = |folder: &str| -> Vec<Vices> {
        let all = shipped(folder).into_iter();
        all.flat_map(|scenario| scenario.byzantine)
            .flatten()
            .collect()
    };
    let all = vices("");
    assert!(all.iter().any(Vices::equivocates));
    assert!(all.iter().any(|vices| vices.silent));
    assert!(all.iter().any(|vices| vices.invalid_blocks.is_some()));
    assert!(!vices("short").is_empty());
}

#[test]
fn what_goes_too_far_is_refused() {
    for (from, to) in [
        ("rate = 5", "rate = 0"),
        ("clients = 2", "clients = 100000"),
        ("at = \"15s\"", "at = \"25s\""),
        ("name = \"x\"", "name = \"x\"\nnodes = 17"),
        ("name = \"x\"", "name = \"x\"\nbackend = \"netns\""),
        ("name = \"x\"", "name = \"x\"\nmerchants = 0"),
        ("duration = \"20s\"", "duration = \"9000m\""),
    ] {
        assert!(HEAD.contains(from));
        assert!(parse(&HEAD.replace(from, to)).is_err(), "{to}");
    }
}

/// The scenarios of a folder.
fn shipped(folder: &str) -> Vec<Scenario> {
    let folder = format!("{}/scenarios/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let scenario = parse(&std::fs::read_to_string(&path).unwrap());
            all.push(scenario.unwrap_or_else(|why| panic!("{}: {why}", path.display())));
        }
    }
    all
}

fn times(scenarios: &[Scenario], what: fn(&Verb) -> bool) -> u32 {
    let steps = scenarios.iter().flat_map(|scenario| &scenario.steps);
    steps
        .filter(|step| what(&step.verb))
        .map(|step| step.count)
        .sum()
}

#[test]
fn every_kind_of_step_has_a_shipped_scenario() {
    let all = shipped("");
    let kinds: [fn(&Verb) -> bool; 11] = [
        |verb| matches!(verb, Verb::Kill(_)),
        |verb| matches!(verb, Verb::Term(_)),
        |verb| matches!(verb, Verb::Pause(_)),
        |verb| matches!(verb, Verb::Restart(_)),
        |verb| matches!(verb, Verb::Partition(..)),
        |verb| matches!(verb, Verb::Delay(..)),
        |verb| matches!(verb, Verb::Loss(..)),
        |verb| matches!(verb, Verb::Clock(..)),
        |verb| matches!(verb, Verb::Wipe(_)),
        |verb| matches!(verb, Verb::Join(_)),
        |verb| matches!(verb, Verb::Flood(..)),
    ];
    for (at, kind) in kinds.into_iter().enumerate() {
        assert!(times(&all, kind) > 0, "kind {at} has none");
    }
}

#[test]
fn the_short_and_the_deep_set_break_as_much_as_they_promise() {
    let is_kill: fn(&Verb) -> bool = |verb| matches!(verb, Verb::Kill(_));
    let is_partition: fn(&Verb) -> bool = |verb| matches!(verb, Verb::Partition(..));
    let is_pause: fn(&Verb) -> bool = |verb| matches!(verb, Verb::Pause(_));
    let short = shipped("short");
    assert!(times(&short, is_kill) >= 5 && times(&short, is_partition) >= 2);
    let length: Duration = short.iter().map(|scenario| scenario.duration).sum();
    assert!(length <= Duration::from_secs(50), "{length:?}");
    let deep = shipped("deep");
    assert!(times(&deep, is_kill) >= 100 && times(&deep, is_partition) >= 20);
    assert!(times(&deep, is_pause) >= 20);
}
