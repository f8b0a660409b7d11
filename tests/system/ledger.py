"""The run ledger of a service as a test reads it: one outcome for each occurrence."""

from collections import Counter, namedtuple

from harness import DEADLINE, until

SECOND = 1_000_000

Row = namedtuple("Row", "nominal last count state claimed started finished attempt detail run "
                 "passed")

_COLUMNS = ("nominal_us, last_nominal_us, missed_count, run_state, claimed_at_us, started_at_us, "
            "finished_at_us, attempt, detail, run_id, -run_key")


def scheduled(service, task):
    """The rows that the task's schedule made, in the order of their nominal times."""
    return [Row(*row) for row in service.sql(
        f"select {_COLUMNS} from tstp_systemtask_run where task_id = ? and run_trigger = "
        "'schedule' order by nominal_us", (task,))]


def open_rows(service):
    """How many runs have no outcome yet."""
    return service.sql("select count(*) from tstp_systemtask_run "
                       "where run_state in ('claimed', 'waiting')")[0][0]


def watermarks(service):
    """Task -> how far its schedule has been dealt with."""
    return dict(service.sql("select task_id, watermark_us from tstp_systemtask_due"))


def wait_through(service, tasks, at, deadline=DEADLINE):
    """Waits until all that was due until then, in microseconds, has its outcome."""
    def done():
        known = watermarks(service)
        return all(known.get(task, 0) >= at for task in tasks) and not service.sql(
            "select 1 from tstp_systemtask_run where nominal_us <= ? and run_state in "
            "('claimed', 'waiting') limit 1", (at,))

    until(done, f"all that was due until {at} has its outcome", deadline)


def occurrences(rows, period):
    """(nominal, row) of every occurrence that the rows account for."""
    return [(nominal, row) for row in rows
            for nominal in range(row.nominal, row.last + 1, period)]


def assert_accounted(test, rows, period):
    """From the first row to the last, each occurrence has exactly one row; and each row an
    outcome, but for those at the end that are under way."""
    test.assertTrue(rows)
    for row in rows:
        test.assertEqual((row.last - row.nominal) // period + 1, row.count, row)
    times = Counter(nominal for nominal, _ in occurrences(rows, period))
    first, last = rows[0].nominal, max(times)
    expected = {nominal: 1 for nominal in range(first, last + 1, period)}
    test.assertEqual(expected, dict(times))
    for row in rows:
        test.assertEqual(row.state == "claimed", row.finished is None, row)
