//! Section 9's table of what is refused, a row each, and neighbours that are not.

use sigprof_wire::v1::EventType as E;

use super::Step;

/// Rows of the table that refuse: the events, our words and Go's.
pub(super) const REFUSED: &[(&[Step], &str, &str)] = &[
    (
        &[(E::ProcStart, &[0]), (E::ProcStart, &[0])],
        "ProcStart: want a P that does not run",
        "is running before start",
    ),
    (
        &[(E::GoSched, &[]), (E::ProcStop, &[])],
        "ProcStop: want a P that runs",
        "is not running before stop",
    ),
    (
        &[(E::ProcStart, &[0]), (E::ProcStop, &[])],
        "ProcStop: want a P without a goroutine",
        "is running a goroutine 1 during stop",
    ),
    (
        &[(E::GCStart, &[0]), (E::GCStart, &[1])],
        "GCStart: want no GC cycle under way",
        "previous GC is not ended",
    ),
    (
        &[(E::GCDone, &[])],
        "GCDone: want a GC cycle under way",
        "bogus GC end",
    ),
    (
        &[(E::GCSTWStart, &[0]), (E::GCSTWStart, &[0])],
        "GCSTWStart: want no stop of the world",
        "previous STW is not ended",
    ),
    (
        &[(E::GCSTWDone, &[])],
        "GCSTWDone: want a stop of the world",
        "bogus STW end",
    ),
    (
        &[(E::GCSweepStart, &[]), (E::GCSweepStart, &[])],
        "GCSweepStart: want no sweep under way",
        "previous sweeping is not ended",
    ),
    (
        &[(E::GCSweepDone, &[0, 0])],
        "GCSweepDone: want a sweep under way",
        "bogus sweeping end",
    ),
    (
        &[(E::GCMarkAssistStart, &[]), (E::GCMarkAssistStart, &[])],
        "GCMarkAssistStart: want no mark assist",
        "previous mark assist is not ended",
    ),
    (
        &[(E::GoCreate, &[0, 0])],
        "GoCreate: want a new goroutine, not 0",
        "g 0 already exists",
    ),
    (
        &[(E::GoCreate, &[2, 0]), (E::GoStart, &[2, 1])],
        "GoStart: want a P without a goroutine",
        "is already running g 1 while start g 2",
    ),
    (
        &[(E::GoCreate, &[2, 0]), (E::GoStartLabel, &[2, 1, 0])],
        "GoStartLabel: want a P without a goroutine",
        "is already running g 1 while start g 2",
    ),
    (
        &[(E::GoEnd, &[]), (E::GoEnd, &[])],
        "GoEnd: want a goroutine, got g0",
        "g 0 did GoEnd",
    ),
    (
        &[(E::GoSched, &[]), (E::GoStop, &[])],
        "GoStop: want a goroutine, got g0",
        "g 0 did GoStop",
    ),
    (
        &[(E::GoSched, &[]), (E::GoSysCall, &[])],
        "GoSysCall: want a goroutine, got g0",
        "g 0 did GoSysCall",
    ),
    (
        &[
            (E::UserTaskCreate, &[5, 0, 0]),
            (E::UserTaskCreate, &[5, 0, 0]),
        ],
        "UserTaskCreate: want a new task, not 5",
        "task id conflicts",
    ),
    (
        &[(E::UserRegion, &[5, 0, 0]), (E::UserRegion, &[6, 1, 0])],
        "UserRegion: want the end of the innermost region",
        "misuse of region",
    ),
    (
        &[(E::UserRegion, &[5, 2, 0])],
        "UserRegion: want mode 0 or 1, got 2",
        "invalid user region mode",
    ),
];

/// Neighbours of those, that can have happened.
pub(super) const POSSIBLE: &[&[Step]] = &[
    &[
        (E::GoSched, &[]),
        (E::ProcStart, &[0]),
        (E::ProcStop, &[]),
        (E::ProcStart, &[0]),
    ],
    &[
        (E::GCStart, &[0]),
        (E::GCDone, &[]),
        (E::GCStart, &[1]),
        (E::GCDone, &[]),
    ],
    &[
        (E::GCSTWStart, &[0]),
        (E::GCSTWDone, &[]),
        (E::GCSTWStart, &[1]),
    ],
    &[
        (E::GCSweepStart, &[]),
        (E::GCSweepDone, &[0, 0]),
        (E::GCSweepStart, &[]),
    ],
    &[
        (E::GCMarkAssistDone, &[]),
        (E::GCMarkAssistStart, &[]),
        (E::GCMarkAssistDone, &[]),
    ],
    &[
        (E::GoSched, &[]),
        (E::GoCreate, &[2, 0]),
        (E::GoStart, &[2, 1]),
        (E::GoEnd, &[]),
    ],
    &[
        (E::GoSysCall, &[]),
        (E::GoSysBlock, &[]),
        (E::GoSysExit, &[1, 2, 0]),
    ],
    &[
        (E::UserTaskEnd, &[5]),
        (E::UserTaskCreate, &[5, 0, 0]),
        (E::UserTaskEnd, &[5]),
        (E::UserTaskCreate, &[5, 0, 0]),
    ],
    &[
        (E::UserRegion, &[5, 1, 0]),
        (E::UserRegion, &[5, 0, 0]),
        (E::UserRegion, &[6, 0, 0]),
        (E::UserRegion, &[6, 1, 0]),
    ],
];
