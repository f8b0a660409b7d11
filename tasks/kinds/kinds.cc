#include "tasks/kinds/kinds.h"

#include <array>

namespace systask::tasks {
namespace {

struct BodyMaker {
  const KindParts& parts;

  scheduler::Body operator()(const Exec& exec) const { return exec_body(exec, parts.passed_on); }
  scheduler::Body operator()(const Sql& sql) const { return sql_body(sql, parts.run_sql); }
  scheduler::Body operator()(const Http& http) const { return http_body(http, parts.send_http); }
  scheduler::Body operator()(const Publish& publish) const {
    return publish_body(publish, parts.publish);
  }
};

}  // namespace

scheduler::Body make_body(const Work& work, const KindParts& parts) {
  return std::visit(BodyMaker{parts}, work);
}

std::string_view kind_of(const Work& work) {
  constexpr std::array<std::string_view, 4> kKinds{"exec", "sql", "http", "publish"};
  return kKinds[work.index()];
}

}  // namespace systask::tasks
