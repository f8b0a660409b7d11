"""The state of a plan, folded from its messages, and its digest: sections 4, 6 and 8."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

OPEN = set("146a")


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
        if self.cancelled:
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
        self.orders = {}
        self.combined = {}

    def restore(self, orders, combined):
        """Takes the pages of the open orders of a takeover."""
        for one in orders:
            order = Order(one["market_no"], one["entrust_no"], one["algo_ordid"],
                          one["stock_code"], one["entrust_direction"], one["entrust_amount"],
                          one["filled"], one["cancelled"], one["confirmed"],
                          cancel_pending=one["cancel_pending"])
            self.orders[order.market, order.number] = order
        for one in combined:
            self.combined[one["market_no"], one["entrust_no"]] = one["entrust_state"]

    def apply(self, topic, body):
        name = topic.rpartition(".")[2]
        if name == "scheme_modify":
            self.parameters.update(body["parameters"])
        elif name in ("entrust", "entrust_confirm", "realdeal", "entrust_waste", "withdraw",
                      "withdraw_success", "withdraw_waste"):
            getattr(self, "_" + name)(body)

    def _order(self, body):
        number = body.get("cancel_entrust_no") or body["entrust_no"]
        return self.orders[int(body["market_no"]), str(number)]

    def _entrust(self, body):
        order = Order(int(body["market_no"]), str(body["entrust_no"]),
                      str(body.get("algo_ordid", "")), body["stock_code"],
                      int(body["entrust_direction"]), int(body["entrust_amount"]))
        self.orders[order.market, order.number] = order
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
        self._order(body).cancelled += int(body["cancel_amount"])

    def _withdraw_waste(self, body):
        self._order(body).cancel_pending = False

    def _total(self, order):
        key = (order.market, order.security, order.direction)
        return self.totals.setdefault(key, [0, 0, Decimal(0)])

    def text(self):
        lines = [f"plan {self.plan}", f"status {self.status}"]
        lines += [f"parameter {key}={value}" for key, value in sorted(self.parameters.items())]
        for (market, security, direction), total in sorted(self.totals.items()):
            lines.append(f"total {market} {security} {direction} {total[0]} {total[1]} "
                         f"{plain(total[2])}")
        open_orders = [one for one in self.orders.values() if one.state in OPEN]
        open_orders.sort(key=lambda one: (one.market, one.number, one.algo_ordid))
        lines += [one.line() for one in open_orders]
        lines += [f"combined {market} {number} {state}"
                  for (market, number), state in sorted(self.combined.items()) if state in OPEN]
        return "".join(line + "\n" for line in lines)

    def digest(self):
        return hashlib.sha256(self.text().encode()).hexdigest()
