#include "db/task_store.h"

#include <map>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::Pause;
using scheduler::StoredTask;
using scheduler::TaskId;

using Text = std::optional<std::string>;
using Time = std::optional<TimePoint>;

constexpr std::string_view kSelect =
    "select task_id, task_name, function_name, priority, schedule, parameters, task_status, "
    "watermark_us, next_due_us, pause_reason, pause_actor, paused_at_us from tstp_systemtask "
    "order by task_id";

struct Statements {
  explicit Statements(soci::session& sql)
      : all(sql, kSelect),
        clear(sql, "delete from tstp_systemtask"),
        insert(sql,
               "insert into tstp_systemtask (task_id, task_name, function_name, priority, "
               "schedule, parameters, task_status, watermark_us, next_due_us, pause_reason, "
               "pause_actor, paused_at_us) values (:id, :name, :function, :priority, "
               ":schedule, :parameters, :status, :watermark, :next, :reason, :actor, :since)"),
        pause(sql,
              "update tstp_systemtask set pause_reason = :reason, pause_actor = :actor, "
              "paused_at_us = :since where task_id = :task") {}

  Query<Params<>, TaskId, std::string, std::string, int, std::string, std::string, std::string,
        TimePoint, Time, Text, Text, Time>
      all;
  Command<> clear;
  Command<TaskId, std::string, std::string, int, std::string, std::string, std::string, TimePoint,
          Time, Text, Text, Time>
      insert;
  Command<Text, Text, Time, TaskId> pause;
};

struct Reads {
  explicit Reads(soci::session& sql) : all(sql, kSelect) {}
  decltype(Statements::all) all;
};

template <class All>
std::vector<StoredTask> read(All& all) {
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

void insert(Statements& statements, const StoredTask& task) {
  const scheduler::TaskDefinition& d = task.definition;
  const std::optional<Pause>& pause = task.pause;
  statements.insert.run(d.id, d.name, d.function, d.priority, d.schedule, d.parameters,
                        d.enabled ? "enabled" : "disabled", task.watermark,
                        task.next_due == scheduler::kNever ? std::nullopt : Time{task.next_due},
                        pause ? Text{pause->reason} : std::nullopt,
                        pause ? Text{pause->actor} : std::nullopt,
                        pause ? Time{pause->since} : std::nullopt);
}

}  // namespace

std::vector<StoredTask> TaskStore::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  return read(lease.prepared<Reads>().all);
}

void TaskStore::replace_all(std::span<const StoredTask> tasks) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& statements = lease.prepared<Statements>();
  lease.begin();
  std::map<TaskId, StoredTask> known;
  for (StoredTask& task : read(statements.all))
    known.emplace(task.definition.id, std::move(task));
  // All go and come back, so that names may change places.
  statements.clear.run();
  for (const StoredTask& task : tasks) {
    const auto before = known.find(task.definition.id);
    insert(statements, before == known.end() ? task : renewed(before->second, task));
  }
  lease.commit();
}

void TaskStore::set_pause(TaskId task, const std::optional<Pause>& pause) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<Statements>().pause.run(pause ? Text{pause->reason} : std::nullopt,
                                         pause ? Text{pause->actor} : std::nullopt,
                                         pause ? Time{pause->since} : std::nullopt, task);
  lease.commit();
}

}  // namespace systask::db
