// The kinds of tasks that come with their configuration and are no C++: what each is to do
// (a plain value, from `run:`), and the body made of it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tasks/kinds/exec.h"
#include "tasks/kinds/http.h"
#include "tasks/kinds/publish.h"
#include "tasks/kinds/sql.h"

namespace systask::tasks {

using Work = std::variant<Exec, Sql, Http, Publish>;

// What the kinds work with, from whoever puts the service together. What the functions
// refer to must outlive the lanes; they are called from several threads at once.
struct KindParts {
  RunSql run_sql;
  SendHttp send_http;
  PublishBody publish;
  std::vector<std::string> passed_on = {};  // variables of the service, to programs
};

[[nodiscard]] scheduler::Body make_body(const Work& work, const KindParts& parts);

// "exec", "sql", "http" or "publish".
[[nodiscard]] std::string_view kind_of(const Work& work);

}  // namespace systask::tasks
