#include "trading/message.h"

#include <algorithm>
#include <array>

namespace systask::trading {
namespace {

// Numbers and topics: the source system's where docs/domain.md says so, ours elsewhere. The
// 51803xx rows are clients' changes, which take numbers of the plan's line like any event.
constexpr std::array kFunctions{
    Function{402206, Kind::kFilled, "order filled", "stp.api.realdeal", "", "asset.algo.realdeal"},
    Function{402207, Kind::kRejected, "order rejected", "stp.api.entrust_waste", "",
             "asset.algo.entrust_waste"},
    Function{402208, Kind::kConfirmed, "order confirmed", "stp.api.entrust_confirm", "",
             "asset.algo.entrust_confirm"},
    Function{402210, Kind::kCancelRequested, "cancel requested", "stp.api.withdraw", "",
             "asset.algo.withdraw"},
    Function{402211, Kind::kCancelRejected, "cancel rejected", "stp.api.withdraw_waste", "",
             "asset.algo.withdraw_waste"},
    Function{402212, Kind::kCancelled, "order cancelled", "stp.api.withdraw_success", "",
             "asset.algo.withdraw_success"},
    Function{402213, Kind::kPlaced, "order placed", "stp.api.entrust", "", "asset.algo.entrust"},
    Function{402233, Kind::kCombinedRejected, "combined order rejected", "stp.api.cbentrust_waste",
             "", "asset.algo.cbentrust_waste"},
    Function{402234, Kind::kCombinedCancelRequested, "combined cancel requested",
             "stp.api.cbwthdrw", "", "asset.algo.cbwthdrw"},
    Function{402235, Kind::kCombinedCancelled, "combined order cancelled", "stp.api.cbwthdrw",
             "stp.api.cbwthdrwok", "asset.algo.cbwthdrwok"},
    Function{402236, Kind::kCombinedCancelRejected, "combined cancel rejected",
             "stp.api.cbwthdrw_waste", "", "asset.algo.cbwthdrw_waste"},
    Function{402237, Kind::kCombinedConfirmed, "combined order confirmed",
             "stp.api.cbentrustconfirm", "", "asset.algo.cbentrust_ack"},
    Function{402238, Kind::kCombinedPlaced, "combined order placed", "stp.api.cbentrust", "",
             "asset.algo.cbentrust"},
    Function{402241, Kind::kPlaced, "interbank order placed", "stp.bank.entrust", "",
             "asset.algo.bank_entrust"},
    Function{402242, Kind::kConfirmed, "interbank order confirmed", "stp.bank.entrust_confirm", "",
             "asset.algo.bank_entrust_confirm"},
    Function{402243, Kind::kFilled, "interbank order filled", "stp.bank.realdeal", "",
             "asset.algo.bank_realdeal"},
    Function{402251, Kind::kApproval, "order approval", "stp.api.approve", "", "stp.api.approve"},
    Function{402252, Kind::kApproval, "cancel approval", "stp.api.withdraw_approve", "",
             "stp.api.withdraw_approve"},
    Function{402253, Kind::kApproval, "combined order approval", "stp.api.cbapprove", "",
             "stp.api.cbapprove"},
    Function{402254, Kind::kApproval, "combined cancel approval", "stp.api.cbwthdrw_approve", "",
             "stp.api.cbwthdrw_approve"},
    Function{5180301, Kind::kPlanChange, "plan start", "", "", "asset.algo.scheme_start"},
    Function{5180302, Kind::kPlanChange, "plan pause", "", "", "asset.algo.scheme_pause"},
    Function{5180303, Kind::kPlanChange, "plan resume", "", "", "asset.algo.scheme_resume"},
    Function{5180304, Kind::kPlanChange, "plan cancel", "", "", "asset.algo.scheme_cancel"},
    Function{5180305, Kind::kPlanChange, "plan modify", "", "", "asset.algo.scheme_modify"},
    Function{5180306, Kind::kPlanChange, "plan expire", "", "", "asset.algo.scheme_expire"},
};
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::number));

}  // namespace

std::span<const Function> functions() { return kFunctions; }

const Function* find_function(int number) {
  const auto* const it = std::ranges::lower_bound(kFunctions, number, {}, &Function::number);
  return it != kFunctions.end() && it->number == number ? it : nullptr;
}

}  // namespace systask::trading
