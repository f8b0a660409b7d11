// An alarm in the words of those who are told: JSON for webhooks, a mail for people. Pure
// functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "scheduler/ports/alarm_sink.h"

namespace systask::service {

[[nodiscard]] std::string_view state_of(bool raised);  // "raised", "cleared"

[[nodiscard]] std::string alarm_as_json(const scheduler::Alarm& alarm, bool raised);

// Headers and body, as a mail program reads them. Whatever the texts hold, a header stays one line:
// control characters are taken out, and what is not ASCII is encoded (RFC 2047).
[[nodiscard]] std::string alarm_as_mail(const scheduler::Alarm& alarm, bool raised,
                                        const scheduler::NotifyMail& mail);

}  // namespace systask::service
