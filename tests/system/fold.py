"""The state of a plan, folded from its messages, and its digest: sections 4, 6 and 8."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

OPEN = set("146a")
# Which push gives which status, and which one its plan_done gives.
ASKED = {"scheme_start": "1", "scheme_pause": "4", "scheme_resume": "7", "scheme_cancel": "9",
         "scheme_expire": "g"}
DONE = {"scheme_start": "2", "scheme_pause": "5", "scheme_resume": "2", "scheme_cancel": "a",
        "scheme_expire": "d"}


@dataclass
class Pair:
    """A combined order: its own state, and its legs; None for one that ended before the pages."""

    legs: tuple
    confirmed: bool = False
    rejected: bool = False
    cancelled: bool = False
    cancel_pending: bool = False

    @property
    def state(self):
        for holds, state in ((self.rejected, "5"), (self.cancelled, "9"),
                             (self.cancel_pending, "a"), (self.confirmed, "4")):
            if holds:
                return state
        return "1"


@dataclass
class Order:
    market: int
    number: str
    algo_ordid: str
    security: str
    direction: int
    quantity: int
    filled: int = 0
    cancelled: int = 0
    confirmed: bool = False
    rejected: bool = False
    cancel_pending: bool = False

    @property
    def state(self):
        if self.rejected:
            return "5"
        if self.filled == self.quantity:
            return "7"
        if self.filled + self.cancelled == self.quantity:
            return "8" if self.filled else "9"
        if self.cancel_pending:
            return "a"
        if self.filled:
            return "6"
        return "4" if self.confirmed else "1"

    def line(self):
        return (f"open {self.market} {self.number or '-'} {self.algo_ordid or '-'} "
                f"{self.direction} {self.quantity} {self.filled} {self.state}")


def plain(amount):
    """A decimal without trailing zeros or an exponent."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def one_line(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n")


class Fold:
    """apply() takes the line's events in order; digest() is what plan_state must answer."""

    def __init__(self, plan):
        self.plan = plan["plan"]
        self.status = plan["status"]
        self.parameters = dict(plan["parameters"])
        self.totals = {}
        for one in plan["details"]:
            key = (one["market_no"], one["stock_code"], one["entrust_direction"])
            self.totals[key] = [one.get("ordered", 0), one.get("filled", 0),
                                Decimal(one.get("amount", "0"))]
        self.orders = []
        self.by_number = {}        # (market, number) -> Order
        self.by_algo = {}          # algo_ordid -> Order
        self.combined = {}

    def _add(self, order):
        self.orders.append(order)
        if order.number:
            self.by_number[order.market, order.number] = order
        if order.algo_ordid:
            self.by_algo[order.algo_ordid] = order
        return order

    def restore(self, orders, combined):
        """Takes the pages of the open orders of a takeover."""
        for one in orders:
            self._add(Order(one["market_no"], one["entrust_no"], one["algo_ordid"],
                            one["stock_code"], one["entrust_direction"], one["entrust_amount"],
                            one["filled"], one["cancelled"], one["confirmed"],
                            cancel_pending=one["cancel_pending"]))
        for one in combined:
            market = one["market_no"]
            self.combined[market, one["entrust_no"]] = Pair(
                tuple(self.by_number.get((market, one[f"{side}_entrust_no"]))
                      for side in ("buy", "sell")),
                confirmed=one["confirmed"], cancel_pending=one["cancel_pending"])

    def accepted(self, body):
        """An order that the site placed: it counts from the answer on, before its 402213."""
        if body["algo_ordid"] not in self.by_algo:
            order = self._add(Order(body["market_no"], "", body["algo_ordid"], body["stock_code"],
                                    body["entrust_direction"], body["entrust_amount"]))
            self._total(order)[0] += order.quantity

    def ordered(self, market, security, direction):
        return self.totals.get((market, security, direction), [0])[0]

    def apply(self, topic, body):
        name = topic.rpartition(".")[2]
        if name in ASKED:
            self.status = ASKED[name]
        elif name == "scheme_modify":
            self.parameters.update(body["parameters"])
        elif name in ("entrust", "entrust_confirm", "realdeal", "entrust_waste", "withdraw",
                      "withdraw_success", "withdraw_waste", "cbentrust", "cbentrust_ack",
                      "cbentrust_waste", "cbwthdrw", "cbwthdrwok", "cbwthdrw_waste"):
            getattr(self, "_" + name)(body)

    def _order(self, body):
        """The order that it is about. One that is not here ended before the pages of a takeover:
        what is said of it is in no digest."""
        number = body.get("cancel_entrust_no") or body["entrust_no"]
        order = self.by_number.get((int(body["market_no"]), str(number)))
        return order or Order(0, "", "", "", 0, 0)

    def _entrust(self, body):
        market, number = int(body["market_no"]), str(body["entrust_no"])
        algo_ordid = str(body.get("algo_ordid") or "")
        if placed := self.by_algo.get(algo_ordid):
            placed.number = number
            self.by_number[market, number] = placed
            return
        order = self._add(Order(market, number, algo_ordid, body["stock_code"],
                                int(body["entrust_direction"]), int(body["entrust_amount"])))
        self._total(order)[0] += order.quantity

    def _entrust_confirm(self, body):
        self._order(body).confirmed = True

    def _realdeal(self, body):
        order = self._order(body)
        amount = int(body["deal_amount"])
        order.filled += amount
        total = self._total(order)
        total[1] += amount
        total[2] += Decimal(body["deal_price"]) * amount

    def _entrust_waste(self, body):
        self._order(body).rejected = True

    def _withdraw(self, body):
        self._order(body).cancel_pending = True

    def _withdraw_success(self, body):
        order = self._order(body)
        order.cancelled += (int(body.get("cancel_amount") or 0) or
                            order.quantity - order.filled - order.cancelled)
        order.cancel_pending = False

    def _withdraw_waste(self, body):
        self._order(body).cancel_pending = False

    # --- combined orders

    def _pair(self, body):
        number = body.get("cancel_entrust_no") or body["entrust_no"]
        pair = self.combined[int(body["market_no"]), str(number)]
        return pair, [leg or Order(0, "", "", "", 0, 0) for leg in pair.legs]

    def _cbentrust(self, body):
        market = int(body["market_no"])
        legs = []
        for side, direction in (("buy", 1), ("sell", 2)):
            order = self._add(Order(market, str(body[f"{side}_entrust_no"]), "",
                                    body["stock_code"], direction,
                                    int(body[f"{side}_entrust_amount"])))
            self._total(order)[0] += order.quantity
            legs.append(order)
        self.combined[market, str(body["entrust_no"])] = Pair(tuple(legs))

    def _cbentrust_ack(self, body):
        pair, legs = self._pair(body)
        for one in (pair, *legs):
            one.confirmed = True

    def _cbentrust_waste(self, body):
        pair, legs = self._pair(body)
        for one in (pair, *legs):
            one.rejected = True

    def _cbwthdrw(self, body):
        pair, legs = self._pair(body)
        for leg in legs:
            leg.cancel_pending = leg.state in OPEN
        pair.cancel_pending = any(leg.state in OPEN for leg in legs)

    def _cbwthdrwok(self, body):
        pair, legs = self._pair(body)
        said = [int(body.get(f"{side}_cancel_amount") or 0) for side in ("buy", "sell")]
        for leg, amount in zip(legs, said):
            leg.cancelled += amount if any(said) else leg.quantity - leg.filled - leg.cancelled
            leg.cancel_pending = False
        pair.cancel_pending = False
        pair.cancelled = not any(leg.state in OPEN for leg in legs)

    def _cbwthdrw_waste(self, body):
        pair, legs = self._pair(body)
        for one in (pair, *legs):
            one.cancel_pending = False

    def _total(self, order):
        key = (order.market, order.security, order.direction)
        return self.totals.setdefault(key, [0, 0, Decimal(0)])

    def text(self):
        lines = [f"plan {self.plan}", f"status {self.status}"]
        lines += [f"parameter {key}={one_line(value)}"
                  for key, value in sorted(self.parameters.items())]
        for (market, security, direction), total in sorted(self.totals.items()):
            lines.append(f"total {market} {security} {direction} {total[0]} {total[1]} "
                         f"{plain(total[2])}")
        open_orders = [one for one in self.orders if one.state in OPEN]
        open_orders.sort(key=lambda one: (one.market, one.number or "-", one.algo_ordid or "-"))
        lines += [one.line() for one in open_orders]
        lines += [f"combined {market} {number} {pair.state}"
                  for (market, number), pair in sorted(self.combined.items(), key=lambda p: p[0])
                  if pair.state in OPEN]
        return "".join(line + "\n" for line in lines)

    def digest(self):
        return hashlib.sha256(self.text().encode()).hexdigest()
