#include <algorithm>
#include <tuple>

#include "peers/link/secrets.h"
#include "peers/site/plan_state.h"

namespace systask::peers {
namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

template <class Row>
std::vector<const Row*> open_rows(const std::deque<Row>& rows) {
  std::vector<const Row*> open;
  for (const Row& row : rows)
    if (row.open()) open.push_back(&row);
  return open;
}

void add_words(std::string& text, std::initializer_list<std::string> words) {
  bool first = true;
  for (const std::string& word : words) {
    if (!std::exchange(first, false)) text += ' ';
    text += word;
  }
  text += '\n';
}

void add_totals(std::string& text, const PlanState& state) {
  std::vector<const Detail*> details;
  for (const Detail& detail : state.details())
    details.push_back(&detail);
  std::ranges::sort(details, {}, [](const Detail* detail) {
    return std::tuple<std::int64_t, const std::string&, std::int64_t>(
        detail->market, detail->security, detail->direction);
  });
  for (const Detail* detail : details)
    add_words(text, {"total", std::to_string(detail->market), detail->security,
                     std::to_string(detail->direction), std::to_string(detail->ordered),
                     std::to_string(detail->filled), to_text(detail->amount)});
}

void add_orders(std::string& text, const PlanState& state) {
  auto orders = open_rows(state.orders());
  std::ranges::sort(orders, [](const Order* a, const Order* b) {
    // Compared as they are written: "-" stands for an empty number.
    return std::tuple(a->market, or_dash(a->number), or_dash(a->algo_ordid)) <
           std::tuple(b->market, or_dash(b->number), or_dash(b->algo_ordid));
  });
  for (const Order* order : orders)
    add_words(text, {"open", std::to_string(order->market), or_dash(order->number),
                     or_dash(order->algo_ordid), std::to_string(order->direction),
                     std::to_string(order->quantity), std::to_string(order->filled),
                     std::string(1, order->state())});
  auto combined = open_rows(state.combined());
  std::ranges::sort(combined, [](const Combined* a, const Combined* b) {
    return std::tie(a->market, a->number) < std::tie(b->market, b->number);
  });
  for (const Combined* row : combined)
    add_words(text,
              {"combined", std::to_string(row->market), row->number, std::string(1, row->state())});
}

// A backslash is doubled, a line feed is "\\n": values are free text.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\\') line += '\\';
    line += c == '\n' ? std::string{"\\n"} : std::string(1, c);
  }
  return line;
}

}  // namespace

std::string digest_text(const PlanState& state) {
  std::string text = "plan " + std::to_string(state.plan()) + "\n";
  text += "status ";
  text += state.status();
  text += '\n';
  for (const auto& [key, value] : state.parameters())
    text.append("parameter ").append(key).append("=").append(in_one_line(value)) += '\n';
  add_totals(text, state);
  add_orders(text, state);
  return text;
}

std::string digest_of(const PlanState& state) { return sha256(digest_text(state)); }

}  // namespace systask::peers
