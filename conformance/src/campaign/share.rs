//! The shard that a process is: as it was asked for, or as those who start many say in the
//! environment.

use crate::suite::shard::Shard;

/// The variable that names the shard, as in `2/8`; a matrix of GitHub Actions has to set it.
pub const SHARD: &str = "SIGPROF_SHARD";

/// The variable that says how many shards there are, where the environment only numbers them, or has
/// some of them alone.
pub const SHARDS: &str = "SIGPROF_SHARDS";

const POD: &str = "JOB_COMPLETION_INDEX";
const TASK: &str = "SLURM_ARRAY_TASK_ID";
const TASK_MIN: &str = "SLURM_ARRAY_TASK_MIN";
const TASK_MAX: &str = "SLURM_ARRAY_TASK_MAX";
const TASK_STEP: &str = "SLURM_ARRAY_TASK_STEP";
const TASK_COUNT: &str = "SLURM_ARRAY_TASK_COUNT";

/// The shard that the environment names; none if it names none.
///
/// # Errors
/// What it says makes no sense, or there are two answers; in words.
pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<Shard>, String> {
    if let Some(shard) = get(SHARD) {
        let shard: Shard = shard.parse().map_err(|error| format!("{SHARD}: {error}"))?;
        return Ok(Some(shard));
    }
    let number = |name: &str| match get(name).map(|text| (text.parse(), text)) {
        None => Ok(None),
        Some((Ok(number), _)) => Ok(Some(number)),
        Some((Err(_), text)) => Err(format!("{name}: want a number, got {text:?}")),
    };
    let shards: Option<usize> = number(SHARDS)?;
    let of = |name: &str, first: usize, place: Option<usize>, count: usize| {
        let shard = place.and_then(|place| Shard::new(place, count));
        let at = get(name).unwrap_or_default();
        shard.ok_or_else(|| format!("{name} is {at}, which is none of {count} from {first} on"))
    };
    // A Job of Kubernetes whose completionMode is Indexed: from 0; the count is in no variable.
    let pod = number(POD)?.map(|at| match shards {
        Some(count) => of(POD, 0, at.checked_add(1), count),
        None => Err(format!(
            "{POD} is set, so {SHARDS} must be, too: how many shards are there?"
        )),
    });
    // An array of Slurm, from 1: part of one if the count is known; else all of it, from whatever number on.
    let task = number(TASK)?.map(|at| {
        if let Some(count) = shards {
            return of(TASK, 1, Some(at), count);
        }
        let or = |name: &str, other| number(name).map(|number| number.unwrap_or(other));
        let (first, step) = (or(TASK_MIN, 0)?, or(TASK_STEP, 1)?.max(1));
        let count = number(TASK_COUNT)?.ok_or_else(|| {
            format!("{TASK} is set, so {TASK_COUNT} must be, too: how many shards are there?")
        })?;
        let row = step.saturating_mul(count.saturating_sub(1)).saturating_add(first);
        let last = or(TASK_MAX, row)?;
        let place_of = |at: usize| (at.checked_sub(first)? / step).checked_add(1);
        if place_of(last) != Some(count) {
            return Err(format!(
                "the array has {count} tasks from {first} to {last}, which are no row: {SHARDS} says \
                 how many shards there are, from 1 on"
            ));
        }
        of(TASK, first, place_of(at), count)
    });
    match (pod, task) {
        (None, None) if shards.is_some() => Err(format!(
            "{SHARDS} is set, and nothing says which of them this is"
        )),
        (None, None) => Ok(None),
        (Some(one), None) | (None, Some(one)) => one.map(Some),
        (Some(_), Some(_)) => Err(format!(
            "{POD} and {TASK} are both set: say which shard it is by --shard"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], want: Result<Option<&str>, &str>) {
        let get = |name: &str| {
            let found = variables.iter().find(|(of, _)| *of == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let got = from_environment(get).map(|shard| shard.map(|shard| shard.to_string()));
        let want = want.map(|shard| shard.map(str::to_owned));
        assert_eq!(got, want.map_err(str::to_owned));
    }

    /// Guards S77.6.
    #[test]
    fn environments_name_the_shard() {
        check(&[], Ok(None));
        check(&[("SIGPROF_SHARD", "2/8")], Ok(Some("2/8")));
        let slurm = |id| {
            [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", "10"),
                ("SLURM_ARRAY_TASK_STEP", "5"),
                ("SLURM_ARRAY_TASK_COUNT", "3"),
            ]
        };
        check(&slurm("10"), Ok(Some("1/3")));
        check(&slurm("20"), Ok(Some("3/3")));
        check(
            &slurm("25"),
            Err("SLURM_ARRAY_TASK_ID is 25, which is none of 3 from 10 on"),
        );
        // What is said outright wins.
        check(
            &[("SIGPROF_SHARD", "1/2"), ("JOB_COMPLETION_INDEX", "3")],
            Ok(Some("1/2")),
        );
        check(
            &[("SIGPROF_SHARDS", "4")],
            Err("SIGPROF_SHARDS is set, and nothing says which of them this is"),
        );
        let huge = "18446744073709551615";
        for (id, count, step) in [(huge, "2", "1"), ("0", huge, "2")] {
            let array = [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_COUNT", count),
                ("SLURM_ARRAY_TASK_STEP", step),
            ];
            let get = |name: &str| {
                let found = array.iter().find(|(of, _)| *of == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert!(from_environment(get).is_err(), "{array:?}");
        }
        // One of eight, once more; and three that are no row.
        let once_more = [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_MIN", "3"),
            ("SLURM_ARRAY_TASK_MAX", "3"),
            ("SLURM_ARRAY_TASK_COUNT", "1"),
        ];
        check(
            &[&once_more[..], &[("SIGPROF_SHARDS", "8")]].concat(),
            Ok(Some("3/8")),
        );
        check(
            &[
                ("SLURM_ARRAY_TASK_ID", "3"),
                ("SLURM_ARRAY_TASK_MIN", "1"),
                ("SLURM_ARRAY_TASK_MAX", "7"),
                ("SLURM_ARRAY_TASK_COUNT", "3"),
            ],
            Err(
                "the array has 3 tasks from 1 to 7, which are no row: SIGPROF_SHARDS says how many \
                 shards there are, from 1 on",
            ),
        );
        let pod = ("JOB_COMPLETION_INDEX", "0");
        check(&[pod, ("SIGPROF_SHARDS", "4")], Ok(Some("1/4")));
        check(
            &[pod],
            Err(
                "JOB_COMPLETION_INDEX is set, so SIGPROF_SHARDS must be, too: how many shards are there?",
            ),
        );
        check(
            &[("JOB_COMPLETION_INDEX", "x"), ("SIGPROF_SHARDS", "4")],
            Err("JOB_COMPLETION_INDEX: want a number, got \"x\""),
        );
        check(
            &[("SIGPROF_SHARD", "9/8")],
            Err("SIGPROF_SHARD: want I/N with I from 1 to N, as in 1/4, got \"9/8\""),
        );
        let [id, min, step, count] = slurm("10");
        check(
            &[pod, ("SIGPROF_SHARDS", "4"), id, min, step, count],
            Err(
                "JOB_COMPLETION_INDEX and SLURM_ARRAY_TASK_ID are both set: say which shard it is by --shard",
            ),
        );
    }
}
