#include "service/api/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "service/api/problem.h"
#include "service/api/routes.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kShown = 60;

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Tables::Cursor> cursor_of(std::string_view text) {
  const auto dash = text.find('_');
  const auto first = number_of(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return Tables::Cursor{*first, 0};
  const auto second = number_of(text.substr(dash + 1));
  if (!second) return std::nullopt;
  return Tables::Cursor{*first, *second};
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text)
    if (kPlain.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return out;
}

// The request once more, for what follows the cursor.
std::string link_of(const ApiRequest& request, const std::string& next) {
  std::string target;
  for (const char c : request.http.path)
    target += c == '/' ? std::string{"/"} : escaped({&c, 1});
  target += "?after=" + escaped(next);
  for (const auto& [key, value] : request.http.query)
    if (key != "after") target += fmt::format("&{}={}", escaped(key), escaped(value));
  return fmt::format(R"(<{}>; rel="next")", target);
}

}  // namespace

std::string cursor_text(const Tables::Cursor& cursor) {
  if (cursor.second == 0) return fmt::format("{}", cursor.first);
  return fmt::format("{}_{}", cursor.first, cursor.second);
}

Result<Tables::Asked> page_of(const ApiRequest& request) {
  const auto limit = limit_of(request, kRowsOfAPage);
  if (limit.has_error()) return limit.error();
  Tables::Asked asked{.limit = *limit, .after = {}};
  const std::string after = request.query("after");
  if (after.empty()) return asked;
  asked.after = cursor_of(after);
  if (asked.after) return asked;
  return Refusal{"BAD_REQUEST",
                 fmt::format("'after' is '{}', expected what the header Link of a page says",
                             one_line(after, kShown))};
}

net::HttpResponse page_response(const ApiRequest& request, const Tables::Page& page) {
  auto response = json_response(200, page.rows);
  if (!page.next.empty()) response.headers.emplace_back("Link", link_of(request, page.next));
  return response;
}

void add_list(Router& router, const ApiParts& parts, const std::string& path,
              std::function<json::array()> list) {
  router.add("GET", path,
             [&parts, path, list = std::move(list)](const ApiRequest& request,
                                                    const net::HttpAnswer& answer) {
               const auto asked = page_of(request);
               if (asked.has_error()) return answer(problem(asked.error()));
               answer_later(parts, "GET " + path, answer, [list, asked, request] {
                 return page_response(request, cut_page(list(), *asked));
               });
             });
}

Tables::Page cut_page(std::size_t size, const std::function<json::value(std::size_t)>& row,
                      const Tables::Asked& asked) {
  const std::int64_t before = asked.after ? std::max<std::int64_t>(0, asked.after->first) : 0;
  std::size_t at = std::min(static_cast<std::size_t>(before), size);
  Tables::Page page;
  std::size_t bytes = 0;
  for (; at < size && page.rows.size() < asked.limit && bytes <= kBytesOfAPage; ++at) {
    page.rows.push_back(row(at));
    bytes += json::serialize(page.rows.back()).size();
  }
  if (at < size) page.next = fmt::format("{}", at);
  return page;
}

Tables::Page cut_page(json::array rows, const Tables::Asked& asked) {
  return cut_page(
      rows.size(), [&](std::size_t at) { return std::move(rows[at]); }, asked);
}

}  // namespace systask::service
