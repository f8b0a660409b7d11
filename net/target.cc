#include "net/target.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "net/authority.h"

namespace systask::net {

std::optional<Target> parse_target(std::string_view text) {
  if (text == "*") return Target{.path = "*", .query = {}, .repeated = {}};
  const std::string path = origin_form(text);
  const auto url = boost::urls::parse_origin_form(path);
  if (!url) return std::nullopt;
  Target target{.path = url->path(), .query = {}, .repeated = {}};
  for (const auto& parameter : url->params()) {
    if (target.query.contains(parameter.key)) target.repeated = parameter.key;
    target.query[parameter.key] = parameter.value;
  }
  return target;
}

}  // namespace systask::net
