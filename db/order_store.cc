#include "db/order_store.h"

#include "db/statement.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

// A negative fence is none. The plan's row is looked at in the same sentence as the insert,
// so nothing can come between (R6).
constexpr std::string_view kInsertOrder =
    "insert into algojr_tentrust (entrust_id, scheme_id, business_date, market_no, stock_code,"
    " entrust_direction, entrust_price, entrust_amount, entrust_no, algo_ordid, cbentrust_id,"
    " epoch, confirmed, rejected, cancel_pending, deal_amount, cancel_amount, deal_balance,"
    " revoke_cause, entrust_state, placed, seen_cancels) select :id, :plan, :date, :market, "
    ":security, :side, :price,"
    " :quantity, :number, nullif(:ordid, ''), :combined, :epoch, :confirmed, :rejected, :pending,"
    " :filled, :cancelled, :amount, :cause, :state, :placed, :cancels"
    " where :fence < 0 or exists (select 1 from algojr_tscheme p where p.scheme_id = :plan"
    " and p.epoch = :fence and p.scheme_status <> 'h')"
    " on conflict (scheme_id, algo_ordid) do nothing";

constexpr std::string_view kUpdateOrder =
    "update algojr_tentrust set entrust_no = :number, confirmed = :confirmed,"
    " rejected = :rejected, cancel_pending = :pending, deal_amount = :filled,"
    " cancel_amount = :cancelled, deal_balance = :amount, revoke_cause = :cause,"
    " entrust_state = :state, entrust_price = :price, entrust_amount = :quantity,"
    " cbentrust_id = :combined, said_amount = :said, placed = :placed,"
    " seen_cancels = :cancels where entrust_id = :id";

constexpr std::string_view kUpdateFilled =
    "update algojr_tentrust set deal_amount = :filled, deal_balance = :amount,"
    " entrust_state = :state, said_amount = :said where entrust_id = :id";

constexpr std::string_view kInsertCombined =
    "insert into algojr_tcbentrust (cbentrust_id, scheme_id, business_date, market_no, entrust_no,"
    " buy_entrust_id, sell_entrust_id, confirmed, rejected, cancel_pending, cancelled,"
    " revoke_cause, entrust_state) values (:id, :plan, :date, :market, :number, :buy, :sell,"
    " :confirmed, :rejected, :pending, :cancelled, :cause, :state)";

constexpr std::string_view kUpdateCombined =
    "update algojr_tcbentrust set entrust_no = :number, buy_entrust_id = :buy,"
    " sell_entrust_id = :sell, confirmed = :confirmed, rejected = :rejected,"
    " cancel_pending = :pending, cancelled = :cancelled, revoke_cause = :cause,"
    " entrust_state = :state, seen_cancels = :cancels where cbentrust_id = :id";

constexpr std::string_view kPutNumber =
    "insert into algojr_tordernumber (business_date, market_no, entrust_no, number_kind,"
    " scheme_id, entrust_id) values (:date, :market, :number, :kind, :plan, :order)"
    " on conflict (business_date, market_no, entrust_no, number_kind)"
    " do update set scheme_id = excluded.scheme_id, entrust_id = excluded.entrust_id";

constexpr std::string_view kAddFill =
    "insert into algojr_trealdeal (business_date, market_no, entrust_no, deal_no, entrust_id,"
    " scheme_id, deal_price, deal_amount, line_no, deal_at) values (:date, :market, :number,"
    " :deal, :order, :plan, :price, :quantity, :line, :at)"
    " on conflict (business_date, market_no, entrust_no, deal_no) do nothing";

// Archived fills are those of orders that are not, or of plans that are not: few.
constexpr std::string_view kFilled =
    "select entrust_id, sum(deal_amount) from (select entrust_id, deal_amount from algojr_trealdeal"
    " union all select d.entrust_id, d.deal_amount from algojr_tentrust o"
    " join algojr_thisrealdeal d on d.entrust_id = o.entrust_id"
    " union all select d.entrust_id, d.deal_amount from algojr_tscheme p"
    " join algojr_thisentrust o on o.scheme_id = p.scheme_id"
    " join algojr_thisrealdeal d on d.entrust_id = o.entrust_id) as fills group by entrust_id";

constexpr std::string_view kArchivedOfPlans =
    "select o.entrust_id, o.scheme_id, o.market_no, o.stock_code, o.entrust_direction,"
    " o.entrust_amount, o.deal_amount, o.deal_balance, coalesce(o.said_amount, 0)"
    " from algojr_tscheme p join algojr_thisentrust o on o.scheme_id = p.scheme_id"
    " order by o.entrust_id";

struct OrderWrites {
  explicit OrderWrites(soci::session& sql)
      : insert_order(sql, kInsertOrder),
        update_order(sql, kUpdateOrder),
        update_filled(sql, kUpdateFilled),
        insert_combined(sql, kInsertCombined),
        update_combined(sql, kUpdateCombined),
        put_number(sql, kPutNumber),
        add_fill(sql, kAddFill),
        find_fill(sql,
                  "select entrust_id, scheme_id, deal_price, deal_amount, line_no, deal_at"
                  " from algojr_trealdeal where business_date = :date and market_no = :market"
                  " and entrust_no = :number and deal_no = :deal"),
        filled(sql, kFilled),
        archived(sql, kArchivedOfPlans) {}

  Command<OrderId, PlanId, BusinessDate, Market, std::string, Side, PriceTicks, Quantity,
          std::string, std::string, OrderId, Epoch, bool, bool, bool, Quantity, Quantity,
          AmountTicks, std::string, OrderState, bool, std::string, std::int64_t>
      insert_order;
  Command<std::string, bool, bool, bool, Quantity, Quantity, AmountTicks, std::string, OrderState,
          PriceTicks, Quantity, OrderId, SaidTotal, bool, std::string, OrderId>
      update_order;
  Command<Quantity, AmountTicks, OrderState, SaidTotal, OrderId> update_filled;
  Command<OrderId, PlanId, BusinessDate, Market, std::string, OrderId, OrderId, bool, bool, bool,
          bool, std::string, OrderState>
      insert_combined;
  Command<std::string, OrderId, OrderId, bool, bool, bool, bool, std::string, OrderState,
          std::string, OrderId>
      update_combined;
  Command<BusinessDate, Market, std::string, NumberKind, PlanId, OrderId> put_number;
  Command<BusinessDate, Market, std::string, std::string, OrderId, PlanId, PriceTicks, Quantity,
          LineNumber, TimePoint>
      add_fill;
  Query<Params<BusinessDate, Market, std::string, std::string>, OrderId, PlanId, PriceTicks,
        Quantity, LineNumber, TimePoint>
      find_fill;
  Query<Params<>, OrderId, Quantity> filled;
  Query<Params<>, OrderId, PlanId, Market, std::string, Side, Quantity, Quantity, AmountTicks,
        SaidTotal>
      archived;
};

struct OrderReads {
  explicit OrderReads(soci::session& sql)
      : orders(sql,
               "select entrust_id, scheme_id, business_date, market_no, stock_code,"
               " entrust_direction, entrust_price, entrust_amount, entrust_no, algo_ordid,"
               " cbentrust_id, epoch, confirmed, rejected, cancel_pending, deal_amount,"
               " cancel_amount, deal_balance, revoke_cause, said_amount, placed, seen_cancels"
               " from algojr_tentrust"
               " order by entrust_id"),
        combined(sql,
                 "select cbentrust_id, scheme_id, business_date, market_no, entrust_no,"
                 " buy_entrust_id, sell_entrust_id, confirmed, rejected, cancel_pending,"
                 " cancelled, revoke_cause, seen_cancels from algojr_tcbentrust"
                 " order by cbentrust_id"),
        numbers(sql,
                "select business_date, market_no, entrust_no, number_kind, scheme_id, entrust_id"
                " from algojr_tordernumber"
                " order by business_date, market_no, entrust_no, number_kind"),
        last(sql,
             "select max(coalesce((select max(entrust_id) from algojr_tentrust), 0),"
             " coalesce((select max(entrust_id) from algojr_thisentrust), 0),"
             " coalesce((select max(cbentrust_id) from algojr_tcbentrust), 0),"
             " coalesce((select max(cbentrust_id) from algojr_thiscbentrust), 0))") {}

  Query<Params<>, OrderId, PlanId, BusinessDate, Market, std::string, Side, PriceTicks, Quantity,
        std::string, std::string, OrderId, Epoch, bool, bool, bool, Quantity, Quantity, AmountTicks,
        std::string, SaidTotal, bool, std::string>
      orders;
  Query<Params<>, OrderId, PlanId, BusinessDate, Market, std::string, OrderId, OrderId, bool, bool,
        bool, bool, std::string, std::string>
      combined;
  Query<Params<>, BusinessDate, Market, std::string, NumberKind, PlanId, OrderId> numbers;
  Query<Params<>, OrderId> last;
};

}  // namespace

bool OrderStore::insert(trading::UnitOfWork& work, const Order& order, std::optional<Epoch> fence) {
  return prepared<OrderWrites>(work).insert_order.run(
             order.id, order.plan, order.date, order.market, order.security, order.side,
             order.price, order.quantity, order.number, order.algo_ordid, order.combined,
             order.epoch, order.confirmed, order.rejected, order.cancel_pending, order.filled,
             order.cancelled, order.amount, order.cause, order.state(), order.placed,
             order.cancels.text(), fence ? fence->value() : -1) == 1;
}

void OrderStore::update(trading::UnitOfWork& work, const Order& order) {
  prepared<OrderWrites>(work).update_order.run(
      order.number, order.confirmed, order.rejected, order.cancel_pending, order.filled,
      order.cancelled, order.amount, order.cause, order.state(), order.price, order.quantity,
      order.combined, order.said, order.placed, order.cancels.text(), order.id);
}

void OrderStore::update_filled(trading::UnitOfWork& work, const Order& order) {
  prepared<OrderWrites>(work).update_filled.run(order.filled, order.amount, order.state(),
                                                order.said, order.id);
}

void OrderStore::insert(trading::UnitOfWork& work, const CombinedOrder& order) {
  prepared<OrderWrites>(work).insert_combined.run(
      order.id, order.plan, order.date, order.market, order.number, order.buy, order.sell,
      order.confirmed, order.rejected, order.cancel_pending, order.cancelled, order.cause,
      order.state());
}

void OrderStore::update(trading::UnitOfWork& work, const CombinedOrder& order) {
  prepared<OrderWrites>(work).update_combined.run(
      order.number, order.buy, order.sell, order.confirmed, order.rejected, order.cancel_pending,
      order.cancelled, order.cause, order.state(), order.cancels.text(), order.id);
}

void OrderStore::put_number(trading::UnitOfWork& work, const OrderNumber& number) {
  prepared<OrderWrites>(work).put_number.run(number.date, number.market, number.number, number.kind,
                                             number.plan, number.order);
}

bool OrderStore::add_fill(trading::UnitOfWork& work, const Fill& fill) {
  return prepared<OrderWrites>(work).add_fill.run(fill.date, fill.market, fill.number, fill.deal_no,
                                                  fill.order, fill.plan, fill.price, fill.quantity,
                                                  fill.line, fill.at) == 1;
}

std::optional<Fill> OrderStore::find_fill(trading::UnitOfWork& work, BusinessDate date,
                                          Market market, const std::string& number,
                                          const std::string& deal_no) {
  std::optional<Fill> found;
  prepared<OrderWrites>(work).find_fill.run(date, market, number, deal_no,
                                            [&](OrderId order, PlanId plan, PriceTicks price,
                                                Quantity quantity, LineNumber line, TimePoint at) {
                                              found = Fill{date, market, number,   deal_no, order,
                                                           plan, price,  quantity, line,    at};
                                            });
  return found;
}

std::map<OrderId, Quantity> OrderStore::filled_by_order(trading::UnitOfWork& work) {
  std::map<OrderId, Quantity> filled;
  prepared<OrderWrites>(work).filled.run(
      [&](OrderId order, Quantity quantity) { filled.emplace(order, quantity); });
  return filled;
}

std::vector<Order> OrderStore::archived_of_plans(trading::UnitOfWork& work) {
  std::vector<Order> orders;
  prepared<OrderWrites>(work).archived.run(
      [&](OrderId id, PlanId plan, Market market, std::string security, Side side,
          Quantity quantity, Quantity filled, AmountTicks amount, SaidTotal said) {
        orders.push_back(Order{.id = id,
                               .plan = plan,
                               .market = market,
                               .security = std::move(security),
                               .side = side,
                               .quantity = quantity,
                               .filled = filled,
                               .amount = amount,
                               .said = said});
      });
  return orders;
}

std::vector<Order> OrderStore::load_orders() {
  std::vector<Order> orders;
  const ReadPool::Lease lease = database_.readers().lease();
  lease.prepared<OrderReads>().orders.run(
      [&](OrderId id, PlanId plan, BusinessDate date, Market market, std::string security,
          Side side, PriceTicks price, Quantity quantity, std::string number, std::string ordid,
          OrderId combined, Epoch epoch, bool confirmed, bool rejected, bool pending,
          Quantity filled, Quantity cancelled, AmountTicks amount, std::string cause,
          SaidTotal said, bool placed, std::string cancels) {
        orders.push_back(Order{.id = id,
                               .plan = plan,
                               .date = date,
                               .market = market,
                               .security = std::move(security),
                               .side = side,
                               .price = price,
                               .quantity = quantity,
                               .number = std::move(number),
                               .algo_ordid = std::move(ordid),
                               .combined = combined,
                               .epoch = epoch,
                               .placed = placed,
                               .confirmed = confirmed,
                               .rejected = rejected,
                               .cancel_pending = pending,
                               .filled = filled,
                               .cancelled = cancelled,
                               .amount = amount,
                               .said = said,
                               .cause = std::move(cause),
                               .cancels = SeenCancels{std::move(cancels)}});
      });
  return orders;
}

std::vector<CombinedOrder> OrderStore::load_combined() {
  std::vector<CombinedOrder> orders;
  const ReadPool::Lease lease = database_.readers().lease();
  lease.prepared<OrderReads>().combined.run(
      [&](OrderId id, PlanId plan, BusinessDate date, Market market, std::string number,
          OrderId buy, OrderId sell, bool confirmed, bool rejected, bool pending, bool cancelled,
          std::string cause, std::string cancels) {
        orders.push_back(CombinedOrder{.id = id,
                                       .plan = plan,
                                       .date = date,
                                       .market = market,
                                       .number = std::move(number),
                                       .buy = buy,
                                       .sell = sell,
                                       .confirmed = confirmed,
                                       .rejected = rejected,
                                       .cancel_pending = pending,
                                       .cancelled = cancelled,
                                       .cause = std::move(cause),
                                       .cancels = SeenCancels{std::move(cancels)}});
      });
  return orders;
}

std::vector<OrderNumber> OrderStore::load_numbers() {
  std::vector<OrderNumber> numbers;
  const ReadPool::Lease lease = database_.readers().lease();
  lease.prepared<OrderReads>().numbers.run([&](BusinessDate date, Market market, std::string number,
                                               NumberKind kind, PlanId plan, OrderId order) {
    numbers.push_back(OrderNumber{date, market, std::move(number), kind, plan, order});
  });
  return numbers;
}

OrderId OrderStore::last_id() {
  return database_.readers().lease().prepared<OrderReads>().last.first().value_or(OrderId{});
}

}  // namespace systask::db
