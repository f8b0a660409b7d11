#include "net/target.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace systask::net {

std::optional<Target> parse_target(std::string_view text) {
  const auto url = boost::urls::parse_origin_form({text.data(), text.size()});
  if (!url) return std::nullopt;
  Target target{.path = url->path(), .query = {}};
  for (const auto& parameter : url->params())
    target.query[parameter.key] = parameter.value;
  return target;
}

}  // namespace systask::net
