#include "db/archive_moves.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace systask::db {
namespace {

using trading::BusinessDate;

constexpr std::string_view kClosed = "('5', '7', '8', '9')";

// The plan `column` names is still to be run, today or on a later day.
std::string plan_lives(std::string_view column) {
  return fmt::format(
      "exists (select 1 from algojr_tscheme p where p.scheme_id = {}"
      " and p.scheme_status not in ('a', 'b', 'c', 'd')"
      " and not (p.scheme_status = 'e' and p.last_date < :before))",
      column);
}

// A combined order has no fills of its own, so its legs say whether it is over.
std::string pair_is_open(std::string_view id) {
  return fmt::format(
      "(exists (select 1 from algojr_tcbentrust c join algojr_tentrust leg"
      " on leg.entrust_id in (c.buy_entrust_id, c.sell_entrust_id)"
      " where c.cbentrust_id = {0} and leg.entrust_state not in {1})"
      " or exists (select 1 from algojr_tcbentrust c where c.cbentrust_id = {0}"
      " and c.buy_entrust_id = 0 and c.sell_entrust_id = 0 and c.entrust_state not in {1}))",
      id, kClosed);
}

std::string order_is_open(std::string_view order) {
  return fmt::format("({0}.entrust_state not in {1} or ({0}.cbentrust_id <> 0 and {2}))", order,
                     kClosed, pair_is_open(fmt::format("{}.cbentrust_id", order)));
}

std::string messages() {
  return "x.business_date < :before and (x.disposition in ('a', 'p', 'd')"
         " or (x.disposition = 'c' and not exists (select 1 from algojr_trequestcache r"
         " where r.scheme_id = x.scheme_id and r.line_no = x.line_no)))";
}

std::string fills() {
  return fmt::format(
      "x.business_date < :before and not ({} and exists (select 1 from algojr_tentrust o"
      " where o.entrust_id = x.entrust_id and {}))",
      plan_lives("x.scheme_id"), order_is_open("o"));
}

// A number without an order belongs to a message that is still cached.
std::string numbers() {
  return fmt::format(
      "x.business_date < :before and not ({} and (x.entrust_id = 0"
      " or (x.number_kind = 'c' and {})"
      " or (x.number_kind <> 'c' and exists (select 1 from algojr_tentrust o"
      " where o.entrust_id = x.entrust_id and {}))))",
      plan_lives("x.scheme_id"), pair_is_open("x.entrust_id"), order_is_open("o"));
}

// Nothing of the open tables names the order any more.
std::string order_is_unnamed(std::string_view order) {
  return fmt::format(
      "not exists (select 1 from algojr_trealdeal f where f.business_date = {0}.business_date"
      " and f.market_no = {0}.market_no and f.entrust_no = {0}.entrust_no"
      " and f.entrust_id = {0}.entrust_id)"
      " and not exists (select 1 from algojr_tordernumber n"
      " where n.business_date = {0}.business_date and n.market_no = {0}.market_no"
      " and n.entrust_no = {0}.entrust_no and n.number_kind <> 'c'"
      " and n.entrust_id = {0}.entrust_id)",
      order);
}

std::string combined() {
  return fmt::format(
      "x.business_date < :before and not ({} and {})"
      " and not exists (select 1 from algojr_tordernumber n"
      " where n.business_date = x.business_date and n.market_no = x.market_no"
      " and n.entrust_no = x.entrust_no and n.number_kind = 'c'"
      " and n.entrust_id = x.cbentrust_id)"
      " and not exists (select 1 from algojr_tentrust o"
      " where o.entrust_id in (x.buy_entrust_id, x.sell_entrust_id) and not ({}))",
      plan_lives("x.scheme_id"), pair_is_open("x.cbentrust_id"), order_is_unnamed("o"));
}

std::string orders() {
  return fmt::format(
      "x.business_date < :before and not ({} and {}) and {}"
      " and not (x.cbentrust_id <> 0 and exists (select 1 from algojr_tcbentrust c"
      " where c.cbentrust_id = x.cbentrust_id))",
      plan_lives("x.scheme_id"), order_is_open("x"), order_is_unnamed("x"));
}

std::string plans() {
  return fmt::format(
      "x.business_date < :before and not {} and x.quarantine_reason = ''"
      " and not exists (select 1 from algojr_trequestcache r where r.scheme_id = x.scheme_id)"
      " and not exists (select 1 from algojr_tentrust o where o.scheme_id = x.scheme_id)"
      " and not exists (select 1 from algojr_tcbentrust c where c.scheme_id = x.scheme_id)",
      plan_lives("x.scheme_id"));
}

}  // namespace

// Four sentences at most: copy what goes along, drop it, copy the rows, drop them. Each
// chooses the same rows, since none changes what the condition looks at.
class ArchiveMoves::Kind {
 public:
  struct Names {
    std::string_view table;  // without "algojr_t"
    std::string_view key;
    std::string where;  // on x
  };

  Kind(soci::session& sql, const Names& names) : sql_(sql), names_(names) {
    copy_ = copy_of(names.table, chosen(names.key));
    drop_ = drop_of(names.table, chosen(names.key));
  }

  // Rows of `table` whose `key` is among `columns` of the chosen rows go along with them.
  Kind& along(std::string_view table, std::string_view key,
              std::initializer_list<std::string_view> columns) {
    for (const std::string_view column : columns) {
      const std::string rows =
          fmt::format("{} in (select {} from ({}) as chosen)", key, column, chosen_rows());
      along_.push_back(copy_of(table, rows));
      along_.push_back(drop_of(table, rows));
    }
    return *this;
  }

  std::size_t move(BusinessDate before, std::size_t limit) {
    for (const auto& sentence : along_)
      sentence->run(before, limit);
    if (copy_->run(before, limit) == 0) return 0;
    return static_cast<std::size_t>(drop_->run(before, limit));
  }

 private:
  using Sentence = std::unique_ptr<Command<BusinessDate, std::size_t>>;

  [[nodiscard]] std::string chosen_rows() const {
    return fmt::format("select * from algojr_t{} x where {} order by {} limit :limit", names_.table,
                       names_.where, names_.key);
  }
  [[nodiscard]] std::string chosen(std::string_view key) const {
    return fmt::format(
        "({0}) in (select {0} from algojr_t{1} x where {2} order by {0}"
        " limit :limit)",
        key, names_.table, names_.where);
  }
  Sentence copy_of(std::string_view table, const std::string& rows) {
    return make(
        fmt::format("insert into algojr_this{0} select * from algojr_t{0} where {1}", table, rows));
  }
  Sentence drop_of(std::string_view table, const std::string& rows) {
    return make(fmt::format("delete from algojr_t{} where {}", table, rows));
  }
  Sentence make(const std::string& text) {
    return std::make_unique<Command<BusinessDate, std::size_t>>(sql_, text);
  }

  soci::session& sql_;
  Names names_;
  std::vector<Sentence> along_;
  Sentence copy_;
  Sentence drop_;
};

ArchiveMoves::ArchiveMoves(soci::session& sql) {
  const auto kind = [&](std::string_view table, std::string_view key, std::string where) {
    return std::make_unique<Kind>(sql, Kind::Names{table, key, std::move(where)});
  };
  kinds_ = {kind("message", "message_no", messages()),
            kind("realdeal", "business_date, market_no, entrust_no, deal_no", fills()),
            kind("ordernumber", "business_date, market_no, entrust_no, number_kind", numbers()),
            kind("cbentrust", "cbentrust_id", combined()),
            kind("entrust", "entrust_id", orders()),
            kind("scheme", "scheme_id", plans())};
  kinds_[3]->along("entrust", "entrust_id", {"buy_entrust_id", "sell_entrust_id"});
  kinds_[5]->along("schemestock", "scheme_id", {"scheme_id"});
}

ArchiveMoves::~ArchiveMoves() = default;

std::size_t ArchiveMoves::move(std::size_t kind, BusinessDate before, std::size_t limit) {
  return kinds_.at(kind)->move(before, limit);
}

}  // namespace systask::db
