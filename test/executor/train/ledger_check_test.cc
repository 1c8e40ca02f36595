#include "executor/train/ledger_check.h"

#include "test/catch.h"

namespace galvatron {
namespace {

constexpr RankGroup kPair{.first = 0, .size = 2, .stride = 1};
constexpr LedgerEntry kReduce{CollectiveKind::all_reduce, kPair, Bytes{8}};
constexpr LedgerEntry kGather{CollectiveKind::all_gather, kPair, Bytes{64}};

using Lines = std::vector<std::string>;

TEST_CASE("two ledgers are alike in any order") {
  CHECK(ledger_differences({kReduce, kGather}, {kGather, kReduce}).empty());
}

TEST_CASE("what only one ledger has is named") {
  CHECK(ledger_differences({kReduce}, {kGather}) ==
        Lines{"not predicted: all_reduce of 8 bytes over 2 ranks from 0 by 1",
              "not recorded: all_gather of 64 bytes over 2 ranks from 0 by 1"});
}

TEST_CASE("an entry that comes twice must come twice") {
  CHECK(ledger_differences({kReduce, kReduce}, {kReduce}) ==
        Lines{"not predicted: all_reduce of 8 bytes over 2 ranks from 0 by 1"});
}

}  // namespace
}  // namespace galvatron
