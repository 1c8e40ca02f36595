#include "executor/run/redistribute.h"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <map>

namespace galvatron {
namespace {

TokenRange overlap(const TokenRange& a, const TokenRange& b) {
  const std::int64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

at::Tensor rows_of(const at::Tensor& rows, const TokenRange& held, const TokenRange& wanted) {
  return rows.narrow(0, wanted.begin - held.begin, length(wanted));
}

// Moves by rank of the group, in rank order; what stays here counts as a move to this very rank.
std::vector<std::vector<TokenRange>> by_member(const std::vector<TokenMove>& moves,
                                               const Redistribution& plan, int local_rank,
                                               const TokenRange& kept) {
  std::vector<std::vector<TokenRange>> ranges(static_cast<std::size_t>(plan.group.size));
  for (int member = 0; member < plan.group.size; ++member) {
    const int peer = rank_at(plan.group, member);
    std::vector<TokenRange>& of_member = ranges[static_cast<std::size_t>(member)];
    if (peer == local_rank && length(kept) > 0) of_member.push_back(kept);
    for (const TokenMove& move : moves) {
      if (move.peer == peer) of_member.push_back(move.tokens);
    }
  }
  return ranges;
}

RowCounts row_counts(const std::vector<std::vector<TokenRange>>& ranges) {
  RowCounts counts;
  for (const std::vector<TokenRange>& of_member : ranges) {
    counts.push_back(0);
    for (const TokenRange& range : of_member) counts.back() += length(range);
  }
  return counts;
}

at::Tensor exchange(const at::Tensor& rows, const TokenChange& change, const Redistribution& plan,
                    Communicator& group) {
  const TokenRange held = tokens_held(change.from, change.stage, change.local_rank);
  const TokenRange kept = overlap(held, tokens_held(change.to, change.stage, change.local_rank));
  const auto sends = by_member(plan.sends, plan, change.local_rank, kept);
  const auto receives = by_member(plan.receives, plan, change.local_rank, kept);
  std::vector<at::Tensor> outgoing;
  for (const auto& of_member : sends) {
    for (const TokenRange& range : of_member) outgoing.push_back(rows_of(rows, held, range));
  }
  const at::Tensor packed = outgoing.empty() ? rows.narrow(0, 0, 0) : at::cat(outgoing);
  const at::Tensor received = group.all_to_all(packed, row_counts(sends), row_counts(receives));
  std::map<std::int64_t, at::Tensor> pieces;  // by first token
  std::int64_t row = 0;
  bool in_order = true;
  for (const auto& of_member : receives) {
    for (const TokenRange& range : of_member) {
      in_order = in_order && (pieces.empty() || pieces.rbegin()->first < range.begin);
      pieces[range.begin] = received.narrow(0, row, length(range));
      row += length(range);
    }
  }
  if (in_order) return received;
  std::vector<at::Tensor> ordered;
  for (const auto& [token, piece] : pieces) ordered.push_back(piece);
  return at::cat(ordered);
}

}  // namespace

at::Tensor redistribute(const at::Tensor& rows, const TokenChange& change, Communicator* group) {
  const Redistribution plan =
      redistribution(change.from, change.to, change.stage, change.local_rank);
  switch (plan.kind) {
    case Redistribution::Kind::none:
      return rows;
    case Redistribution::Kind::slice: {
      const TokenRange held = tokens_held(change.from, change.stage, change.local_rank);
      const TokenRange wanted = tokens_held(change.to, change.stage, change.local_rank);
      return rows_of(rows, held, wanted).clone();  // a view would keep all rows alive
    }
    case Redistribution::Kind::all_gather:
      return group->all_gather(rows.contiguous());
    case Redistribution::Kind::all_to_all:
      return exchange(rows, change, plan, *group);
  }
  return rows;
}

}  // namespace galvatron
