//! The shard that a process is: as it was asked for, or as those who start many say in the
//! environment.

use crate::suite::shard::Shard;

/// The variable that names the shard, as in `2/8`; a matrix of GitHub Actions has to set it.
pub const SHARD: &str = "SIGPROF_SHARD";

/// The variable that says how many shards there are, where the environment only numbers them.
pub const SHARDS: &str = "SIGPROF_SHARDS";

/// The variables that number the processes of those who start many: from which number on, and where
/// the count is.
const ENVIRONMENTS: [(&str, Option<&str>, &str, Option<&str>); 2] = [
    // A Job of Kubernetes whose completionMode is Indexed: from 0; the count is in no variable.
    ("JOB_COMPLETION_INDEX", None, SHARDS, None),
    // An array of Slurm: from what --array begins with, in its steps.
    (
        "SLURM_ARRAY_TASK_ID",
        Some("SLURM_ARRAY_TASK_MIN"),
        "SLURM_ARRAY_TASK_COUNT",
        Some("SLURM_ARRAY_TASK_STEP"),
    ),
];

/// The shard that the environment names; none if it names none.
///
/// # Errors
/// What it says makes no sense, or there are two answers; in words.
pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<Shard>, String> {
    let mut answers = Vec::new();
    if let Some(shard) = get(SHARD) {
        let shard: Shard = shard.parse().map_err(|error| format!("{SHARD}: {error}"))?;
        return Ok(Some(shard));
    }
    for (index, first, count, step) in ENVIRONMENTS {
        let Some(text) = get(index) else {
            continue;
        };
        let number = |name: &str, text: String| {
            let number: Result<usize, _> = text.parse();
            number.map_err(|_| format!("{name}: want a number, got {text:?}"))
        };
        let or = |name: Option<&str>, default: usize| match name
            .and_then(|name| Some((name, get(name)?)))
        {
            Some((name, text)) => number(name, text),
            None => Ok(default),
        };
        let (at, first, step) = (number(index, text)?, or(first, 0)?, or(step, 1)?.max(1));
        let count_text = get(count).ok_or_else(|| {
            format!("{index} is set, so {count} must be, too: how many shards are there?")
        })?;
        let count = number(count, count_text)?;
        let place = at.checked_sub(first).map(|past| past / step + 1);
        let shard = place.and_then(|place| format!("{place}/{count}").parse::<Shard>().ok());
        let shard = shard
            .ok_or_else(|| format!("{index} is {at}, which is none of {count} from {first} on"))?;
        answers.push((index, shard));
    }
    match answers.as_slice() {
        [] => Ok(None),
        [(_, shard)] => Ok(Some(*shard)),
        [(one, _), (other, _), ..] => Err(format!(
            "{one} and {other} are both set: say which shard it is by --shard"
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
