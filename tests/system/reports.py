"""What an order system publishes about one plan's orders, as section 8 lists it."""

TOPICS = {402213: "stp.api.entrust", 402208: "stp.api.entrust_confirm",
          402206: "stp.api.realdeal", 402207: "stp.api.entrust_waste", 402210: "stp.api.withdraw",
          402212: "stp.api.withdraw_success", 402211: "stp.api.withdraw_waste",
          402238: "stp.api.cbentrust", 402237: "stp.api.cbentrustconfirm",
          402233: "stp.api.cbentrust_waste", 402234: "stp.api.cbwthdrw",
          402235: "stp.api.cbwthdrwok", 402236: "stp.api.cbwthdrw_waste"}
# Where the topic towards sites is not the same word.
TOWARDS_SITES = {402237: "asset.algo.cbentrust_ack"}


class Reports:
    """published keeps (topic towards sites, body) of each report, in order."""

    def __init__(self, feed, plan, business_date, prefix=""):
        self.feed = feed
        self.plan = plan
        self.published = []
        self._common = {"business_date": business_date, "business_time": "100000", "market_no": 1,
                        "stock_code": "600570", "entrust_direction": 1, "entrust_price": "48.25",
                        "entrust_amount": 100}
        self._prefix = prefix or f"p{plan}-"
        self._count = 0
        self._filled = {}

    def _total(self, number, amount):
        self._filled[number] = self._filled.get(number, 0) + amount
        return self._filled[number]

    def report(self, function, number, **more):
        self._count += 1
        body = {**self._common, "function_no": function, "entrust_no": number,
                "message_id": f"{self._prefix}{self._count}", **more}
        topic = TOPICS[function]
        towards = TOWARDS_SITES.get(function, topic.replace("stp.api.", "asset.algo."))
        self.published.append((towards, body))
        return self.feed.publish(topic, body)

    def placed(self, number):
        return self.report(402213, number, scheme_id=self.plan, entrust_state="1")

    def confirmed(self, number):
        return self.report(402208, number, entrust_state="4")

    def filled(self, number, deal, amount, price="48.5", side=1):
        return self.report(402206, number, deal_no=deal, deal_date=self._common["business_date"],
                           deal_time="100001", deal_price=price, deal_amount=amount,
                           total_deal_amount=self._total(number, amount), entrust_state="6",
                           entrust_direction=side)

    def rejected(self, number):
        return self.report(402207, number, revoke_cause="price out of range", entrust_state="5")

    def cancelling(self, number):
        return self.report(402210, "c" + number, cancel_entrust_no=number, entrust_state="a")

    def cancelled(self, number, amount):
        return self.report(402212, "c" + number, cancel_entrust_no=number, cancel_amount=amount)

    def cancel_rejected(self, number):
        return self.report(402211, "c" + number, cancel_entrust_no=number, revoke_cause="too late")

    def combined(self, number, amount=100):
        legs = {f"{side}_{name}": value for side in ("buy", "sell") for name, value in (
            ("entrust_no", f"{number}{side[0]}"), ("entrust_price", "48.25"),
            ("entrust_amount", amount), ("entrust_state", "1"))}
        return self.report(402238, number, scheme_id=self.plan, **legs)

    def lives(self, first, count):
        """Order lives of every kind, 3 to 5 reports each; some orders stay open."""
        for index in range(first, first + count):
            number = f"{index}"
            self.placed(number)
            kind = index % 5
            if kind == 0:
                self.rejected(number)
                continue
            self.confirmed(number)
            if kind != 4:
                self.filled(number, f"d{index}.1", 30, "48.25")
            if kind == 1:
                self.filled(number, f"d{index}.2", 70, "48.3")
            elif kind in (2, 4):
                self.cancelling(number)
                self.cancelled(number, 70 if kind == 2 else 100)
            elif index % 2:
                self.cancelling(number)
                self.cancel_rejected(number)
