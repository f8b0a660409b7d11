#include "db/task_store.h"

#include <algorithm>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::Pause;
using scheduler::StoredTask;
using scheduler::TaskDefinition;
using scheduler::TaskId;

using Text = std::optional<std::string>;
using Time = std::optional<TimePoint>;

constexpr std::string_view kSelectTasks =
    "select t.task_id, task_name, function_name, priority, schedule, parameters, task_status, "
    "watermark_us, next_due_us, pause_reason, pause_actor, paused_at_us "
    "from tstp_systemtask t join tstp_systemtask_due d on d.task_id = t.task_id "
    "order by t.task_id";

using AllTasks = Query<Params<>, TaskId, std::string, std::string, int, std::string, std::string,
                       std::string, TimePoint, Time, Text, Text, Time>;

struct TaskReads {
  explicit TaskReads(soci::session& sql) : all(sql, kSelectTasks) {}
  AllTasks all;
};

struct TaskWrites {
  explicit TaskWrites(soci::session& sql)
      : all(sql, kSelectTasks),
        remove(sql, "delete from tstp_systemtask where task_id = :task"),
        remove_due(sql, "delete from tstp_systemtask_due where task_id = :task"),
        insert(sql,
               "insert into tstp_systemtask (task_id, task_name, function_name, priority, "
               "schedule, parameters, task_status, pause_reason, pause_actor, paused_at_us) "
               "values (:id, :name, :function, :priority, :schedule, :parameters, :status, "
               ":reason, :actor, :since)"),
        put_due(sql,
                "insert into tstp_systemtask_due (task_id, watermark_us, next_due_us) "
                "values (:id, :watermark, :next) on conflict (task_id) do update set "
                "watermark_us = excluded.watermark_us, next_due_us = excluded.next_due_us"),
        keep_former(sql,
                    "insert into tstp_systemtask_former (task_id, until_us, task_name, "
                    "function_name, priority, schedule, parameters, task_status) "
                    "select task_id, :until, task_name, function_name, priority, schedule, "
                    "parameters, task_status from tstp_systemtask where task_id = :task "
                    "on conflict (task_id, until_us) do nothing"),
        pause(sql,
              "update tstp_systemtask set pause_reason = :reason, pause_actor = :actor, "
              "paused_at_us = :since where task_id = :task") {}

  AllTasks all;
  Command<TaskId> remove;
  Command<TaskId> remove_due;
  Command<TaskId, std::string, std::string, int, std::string, std::string, std::string, Text, Text,
          Time>
      insert;
  Command<TaskId, TimePoint, Time> put_due;
  Command<TimePoint, TaskId> keep_former;
  Command<Text, Text, Time, TaskId> pause;
};

std::vector<StoredTask> read(AllTasks& all) {
  std::vector<StoredTask> tasks;
  all.run([&](TaskId id, std::string name, std::string function, int priority, std::string schedule,
              std::string parameters, const std::string& status, TimePoint watermark, Time next_due,
              Text reason, Text actor, Time since) {
    StoredTask task{.definition = {id, std::move(name), std::move(function), priority,
                                   std::move(schedule), std::move(parameters), status == "enabled"},
                    .watermark = watermark,
                    .next_due = next_due.value_or(scheduler::kNever)};
    if (since) task.pause = Pause{reason.value_or(""), actor.value_or(""), *since};
    tasks.push_back(std::move(task));
  });
  return tasks;
}

void insert(TaskWrites& writes, const TaskDefinition& d, const std::optional<Pause>& pause) {
  writes.insert.run(d.id, d.name, d.function, d.priority, d.schedule, d.parameters,
                    d.enabled ? "enabled" : "disabled", pause ? Text{pause->reason} : std::nullopt,
                    pause ? Text{pause->actor} : std::nullopt,
                    pause ? Time{pause->since} : std::nullopt);
}

void put_due(TaskWrites& writes, const StoredTask& task) {
  writes.put_due.run(task.definition.id, task.watermark,
                     task.next_due == scheduler::kNever ? std::nullopt : Time{task.next_due});
}

TaskId id_of(const StoredTask& task) { return task.definition.id; }

// Of a list in order of id.
const StoredTask* find(const std::vector<const StoredTask*>& tasks, TaskId id) {
  const auto at =
      std::ranges::lower_bound(tasks, id, {}, [](const StoredTask* t) { return id_of(*t); });
  return at == tasks.end() || id_of(**at) != id ? nullptr : *at;
}

std::vector<const StoredTask*> in_order(std::span<const StoredTask> tasks) {
  std::vector<const StoredTask*> ordered;
  ordered.reserve(tasks.size());
  for (const StoredTask& task : tasks)
    ordered.push_back(&task);
  std::ranges::sort(ordered, {}, [](const StoredTask* t) { return id_of(*t); });
  return ordered;
}

}  // namespace

std::vector<StoredTask> TaskStore::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  return read(lease.prepared<TaskReads>().all);
}

// Only what differs is written: most reloads change a task or two of many.
void TaskStore::replace_all(std::span<const StoredTask> tasks, TimePoint at) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<TaskWrites>();
  lease.begin();
  const std::vector<StoredTask> stored = read(writes.all);
  const std::vector<const StoredTask*> known = in_order(stored);
  const std::vector<const StoredTask*> given = in_order(tasks);
  // What changes goes before it comes back, so that names may change places.
  for (const StoredTask* before : known) {
    const StoredTask* now = find(given, id_of(*before));
    if (now == nullptr) writes.remove_due.run(id_of(*before));
    if (now != nullptr && now->definition == before->definition) continue;
    writes.keep_former.run(at, id_of(*before));
    writes.remove.run(id_of(*before));
  }
  for (const StoredTask* now : given) {
    const StoredTask* before = find(known, id_of(*now));
    if (before == nullptr) {
      insert(writes, now->definition, now->pause);
      put_due(writes, *now);
      continue;
    }
    const StoredTask task = renewed(*before, *now);
    if (task.definition != before->definition) insert(writes, task.definition, task.pause);
    if (task.watermark != before->watermark || task.next_due != before->next_due)
      put_due(writes, task);
  }
  lease.commit();
}

void TaskStore::set_pause(TaskId task, const std::optional<Pause>& pause) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<TaskWrites>().pause.run(pause ? Text{pause->reason} : std::nullopt,
                                         pause ? Text{pause->actor} : std::nullopt,
                                         pause ? Time{pause->since} : std::nullopt, task);
  lease.commit();
}

}  // namespace systask::db
