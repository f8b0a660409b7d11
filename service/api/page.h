// Pages of lists. A list is answered in pages of so many rows (`limit`) and so many bytes,
// whichever ends first; the header Link (RFC 8288) names the next page, and there is none after the
// last. Pure functions; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <functional>
#include <string>

#include "base/result.h"
#include "net/server.h"
#include "service/api/router.h"
#include "service/api/tables.h"

namespace systask::service {

struct ApiParts;

inline constexpr std::size_t kRowsOfAPage = 10'000;
// About: a page ends behind the row that goes beyond.
inline constexpr std::size_t kBytesOfAPage = std::size_t{4} << 20;

// ?limit= and ?after=; BAD_REQUEST names what is wrong. `after` is what a Link said.
[[nodiscard]] Result<Tables::Asked> page_of(const ApiRequest& request);

[[nodiscard]] net::HttpResponse page_response(const ApiRequest& request, const Tables::Page& page);

// The page of a list that is all in memory: its cursor is the number of rows before. `row` is asked
// for those that are answered only.
[[nodiscard]] Tables::Page cut_page(std::size_t size,
                                    const std::function<boost::json::value(std::size_t)>& row,
                                    const Tables::Asked& asked);
[[nodiscard]] Tables::Page cut_page(boost::json::array rows, const Tables::Asked& asked);

// Answers GET path with a page of what `list` gives, on a thread that may wait.
void add_list(Router& router, const ApiParts& parts, const std::string& path,
              std::function<boost::json::array()> list);

// "5_118", and back; nothing where it is none.
[[nodiscard]] std::string cursor_text(const Tables::Cursor& cursor);

}  // namespace systask::service
