// Compiled as C++14, like all that includes libquickfix.
#include "tests/unit/peers/quickfix_log.h"

#include <quickfix/Message.h>

namespace {

FIX::Message make(const std::string& type, const std::string& from, const std::string& to) {
  FIX::Message message;
  message.getHeader().setField(FIX::BeginString{"FIX.4.4"});
  message.getHeader().setField(FIX::MsgType{type});
  message.getHeader().setField(FIX::SenderCompID{from});
  message.getHeader().setField(FIX::TargetCompID{to});
  message.getHeader().setField(52, "20260522-01:30:00.123");
  return message;
}

FIX::Message report(const std::string& id, char type, int last, int cum) {
  FIX::Message message = make("8", "BROKER", "CLIENT");
  message.setField(FIX::ClOrdID{id});
  message.setField(FIX::OrderID{"o" + id});
  message.setField(FIX::ExecID{id + "-" + std::to_string(cum)});
  message.setField(FIX::ExecType{type});
  message.setField(FIX::OrdStatus{cum == 0 ? '0' : cum == 100 ? '2' : '1'});
  message.setField(32, std::to_string(last));
  message.setField(31, "48.05");
  message.setField(14, std::to_string(cum));
  message.setField(151, std::to_string(100 - cum));
  return message;
}

}  // namespace

std::string quickfix_log(int orders) {
  std::string log;
  for (int i = 0; i < orders; ++i) {
    const std::string id = "q" + std::to_string(i);
    FIX::Message order = make("D", "CLIENT", "BROKER");
    order.setField(FIX::ClOrdID{id});
    order.setField(FIX::Symbol{"600570"});
    order.setField(FIX::Side{FIX::Side_BUY});
    order.setField(38, "100");
    order.setField(44, "48.1");
    for (const FIX::Message& message :
         {order, report(id, '0', 0, 0), report(id, 'F', 60, 60), report(id, 'F', 40, 100)})
      log += message.toString() + "\n";
  }
  return log;
}
