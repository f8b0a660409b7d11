// The ports of trading, together: what a platform is built on. References to parts that
// outlive it.
#pragma once

namespace systask::trading {

class Transactions;
class PlanStore;
class OrderStore;
class MessageStore;
class MessageCache;
class Outbox;
class SiteStore;
class Records;
class DayStore;

struct Stores {
  Transactions& transactions;
  PlanStore& plans;
  OrderStore& orders;
  MessageStore& messages;
  MessageCache& cache;
  Outbox& outbox;
  SiteStore& sites;
  Records& records;
  DayStore& day;
};

}  // namespace systask::trading
