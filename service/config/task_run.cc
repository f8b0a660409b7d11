// What a task runs where it is no C++ task: the key `run`, with one of exec, sql, http and
// publish in it.
#include <fmt/format.h>
#include <algorithm>

#include "db/platform_tables.h"
#include "service/config/file_text.h"
#include "service/config/run_fields.h"
#include "service/config/task_parts.h"

namespace systask::service {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kSqliteScheme = "sqlite3://";
constexpr std::size_t kMostOutput = std::size_t{16} << 20;
constexpr std::string_view kArguments =
    "a program and its arguments as a list, such as [/usr/bin/report, --all]; for a shell write "
    "[/bin/sh, -c, ...]";

void read_arguments(YamlNode list, const std::string& path, RunFields& run, tasks::Exec& into) {
  if (list.kind() != Kind::kList || list.children().empty())
    return run.mistakes().add(list.place(), path, list.described(), kArguments);
  for (const YamlNode& item : list.children())
    if (auto argument = run.text(item, path, kArguments))
      into.arguments.push_back(*std::move(argument));
  if (into.arguments.empty()) return;
  tasks::Template& program = into.arguments.front();
  const YamlNode first = list.children().front();
  if (program.empty()) return run.mistakes().add(first.place(), path, "", "the path of a program");
  const bool by_path = program.text().find('/') != std::string::npos;
  if (by_path) program = run.absolute(program);
  const std::string file = run.sample_of(program);
  if (file == program.text()) warn_of_program(first.place(), path, file, run.warnings());
}

void read_exit_statuses(Fields& fields, std::set<int>& into) {
  constexpr std::string_view kExpected = "exit statuses from 0 to 255, such as 0 or [0, 24]";
  std::vector<std::string> texts;
  fields.texts("expect", kExpected, texts);
  if (texts.empty()) return;
  into.clear();
  for (const std::string& text : texts) {
    const auto status = whole_number_of(text);
    if (!status || *status < 0 || *status > 255) return fields.complain("expect", text, kExpected);
    into.insert(static_cast<int>(*status));
  }
}

// The text of a file of statements.
void read_file(Fields& fields, const RunFields& run, std::string& into) {
  std::string file;
  fields.text("file", "the path of a file of SQL", file);
  if (file.empty()) return;
  const auto text = text_of_file(run.absolute(file));
  if (text.has_error() || text->empty())
    return fields.complain("file", file, "a file of SQL that can be read, and is not empty");
  into = *text;
}

void read_other_database(Fields& fields, const RunFields& run, std::string& into) {
  std::string url;
  fields.text("database", "sqlite3://PATH", url);
  if (url.empty()) return;
  if (!url.starts_with(kSqliteScheme) || url.size() == kSqliteScheme.size())
    return fields.complain("database", url, "sqlite3://PATH");
  into = run.absolute(url.substr(kSqliteScheme.size()));
}

class RunReader {
 public:
  RunReader(Fields& task, const TaskSurroundings& around, TaskComplaints complaints,
            scheduler::TaskSpec& spec)
      : task_(task), around_(around), complaints_(complaints), spec_(spec) {}

  void read(YamlNode run) {
    if (const auto body = task_.find("body"))
      task_.complain("body", body->described(), "no body beside run: it is the one or the other");
    const auto sample = tasks::sample_values(spec_);
    if (!sample) {
      const auto parameters = task_.find("parameters");
      return task_.complain("parameters", parameters->described(), sample.error());
    }
    const Fields kinds{
        run, task_.name_of("run"), {"exec", "sql", "http", "publish"}, complaints_.mistakes};
    if (run.kind() != Kind::kMap) return;
    const RunFields fields{*sample, around_.directory, complaints_};
    try_kind<tasks::Exec>(kinds, "exec", fields, read_exec);
    try_kind<tasks::Sql>(kinds, "sql", fields, read_sql);
    try_kind<tasks::Http>(kinds, "http", fields, read_http);
    try_kind<tasks::Publish>(kinds, "publish", fields, read_publish);
    if (!work_)
      return task_.complain("run", run.described(), "one of exec, sql, http and publish in it");
    if (std::holds_alternative<tasks::Exec>(*work_) && spec_.timeout == Micros{0})
      complaints_.warnings.say(run.place(), task_.name_of("run"),
                               "a program that hangs keeps a thread of its lane for ever: give "
                               "the task a timeout");
    spec_.body = tasks::kind_of(*work_);
    if (const auto sql = kinds.find("sql")) around_.sql_places[spec_.name] = sql->place();
    around_.works.insert_or_assign(spec_.name, *std::move(work_));
  }

 private:
  template <class Description, class Read>
  void try_kind(const Fields& kinds, std::string_view key, const RunFields& fields, Read reader) {
    const auto value = kinds.find(key);
    if (!value) return;
    if (work_)
      return complaints_.mistakes.add(value->place(), kinds.name_of(key), value->described(),
                                      "one of exec, sql, http and publish only");
    Description description;
    reader(*value, kinds.name_of(key), fields, description);
    work_ = std::move(description);
  }

  Fields& task_;
  const TaskSurroundings& around_;
  TaskComplaints complaints_;
  scheduler::TaskSpec& spec_;
  std::optional<tasks::Work> work_;
};

// `allow: read`, which is so without it, or `allow: {write: [algojr_texectimeinfo]}`.
void read_allowed(Fields& fields, RunFields run, tasks::Sql& into) {
  constexpr std::string_view kExpected =
      "read, or {write: [TABLE]} with names of the platform's tables, such as "
      "algojr_texectimeinfo (a table of a task's own needs no leave)";
  const auto allow = fields.find("allow");
  if (!allow || (allow->kind() == Kind::kScalar && allow->text() == "read")) return;
  if (allow->kind() != Kind::kMap) return fields.complain("allow", allow->described(), kExpected);
  Fields allowed{*allow, fields.name_of("allow"), {"write"}, run.mistakes()};
  allowed.texts("write", kExpected, into.may_write);
  for (std::string& table : into.may_write) {
    table = db::in_small_letters(table);
    if (!db::is_platforms(table) || table.starts_with("systask_") || !into.database.empty())
      allowed.complain("write", table, kExpected);
  }
  std::ranges::sort(into.may_write);
  if (into.read_only && !into.may_write.empty())
    fields.complain("allow", "write", "read, since the task is read_only");
}

}  // namespace

void read_exec(YamlNode value, const std::string& path, RunFields run, tasks::Exec& into) {
  into.directory = run.absolute(std::string{});
  if (value.kind() != Kind::kMap) return read_arguments(value, path, run, into);
  Fields fields{value,
                path,
                {"arguments", "environment", "directory", "output_bytes", "expect"},
                run.mistakes()};
  if (const auto arguments = fields.find("arguments"))
    read_arguments(*arguments, fields.name_of("arguments"), run, into);
  else
    fields.complain("arguments", "nothing", kArguments);
  run.texts(fields, "environment", "a map of variables, such as {LANG: C}", into.environment);
  if (fields.find("directory")) {
    fields.text("directory", "the path of a directory", into.directory);
    into.directory = run.absolute(into.directory);
  }
  fields.integer("output_bytes", std::size_t{0}, kMostOutput, into.output_bytes);
  read_exit_statuses(fields, into.expected);
}

void read_sql(YamlNode value, const std::string& path, RunFields run, tasks::Sql& into) {
  constexpr std::string_view kStatement = "a statement, such as \"delete from seen where n < :n\"";
  if (value.kind() == Kind::kScalar) {
    into.text = value.text();
    if (into.text.empty()) run.mistakes().add(value.place(), path, "", kStatement);
    return;
  }
  Fields fields{value,
                path,
                {"statement", "file", "database", "read_only", "longest", "allow"},
                run.mistakes()};
  if (value.kind() != Kind::kMap) return;
  const auto file = fields.find("file");
  if (fields.find("statement").has_value() == file.has_value())
    fields.complain(file ? "file" : "statement", file ? file->described() : "nothing",
                    "either a statement or a file");
  fields.text("statement", kStatement, into.text);
  if (file) read_file(fields, run, into.text);
  read_other_database(fields, run, into.database);
  fields.flag("read_only", into.read_only);
  fields.duration("longest", Micros{1'000}, Micros{5'000'000}, into.longest);
  read_allowed(fields, run, into);
}

void read_run(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
              scheduler::TaskSpec& spec) {
  if (const auto run = fields.find("run")) RunReader{fields, around, complaints, spec}.read(*run);
}

}  // namespace systask::service
