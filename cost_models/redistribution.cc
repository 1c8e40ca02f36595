#include "cost_models/redistribution.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <optional>

namespace galvatron {
namespace {

std::int64_t part_count(const Layout& layout) {
  return std::int64_t{layout.data} * sequence_split(layout);
}

int part_at(const Layout& layout, int data_index, int tensor_index) {
  return data_index * sequence_split(layout) + (layout.sequence_parallel ? tensor_index : 0);
}

// A layout cuts the tokens into equal parts; every rank holds one, a part may lie on several ranks.
struct Parts {
  Layout layout;
  std::int64_t count = 1;
  std::int64_t length = 0;    // tokens of one part
  std::vector<int> held{};    // by rank: its part
  std::vector<int> tensor{};  // by rank: its tensor index
  std::vector<int> holder{};  // by part: the rank of least tensor index that holds it
  int holders_apart = 0;      // ranks from there to the holder of the next tensor index, if any
};

Parts parts_of(const Layout& layout, const StageTokens& stage) {
  Parts parts{.layout = layout, .count = part_count(layout)};
  assert(stage.tokens % parts.count == 0);
  parts.length = stage.tokens / parts.count;
  parts.held.resize(static_cast<std::size_t>(stage.devices));
  parts.tensor.resize(static_cast<std::size_t>(stage.devices));
  parts.holder.resize(static_cast<std::size_t>(parts.count));
  for (int data = 0; data < layout.data; ++data) {
    for (int tensor = layout.tensor; tensor-- > 0;) {
      const int rank = local_rank_of(layout, data, tensor);
      const int part = part_at(layout, data, tensor);
      parts.held[static_cast<std::size_t>(rank)] = part;
      parts.tensor[static_cast<std::size_t>(rank)] = tensor;
      parts.holder[static_cast<std::size_t>(part)] = rank;
    }
  }
  if (!layout.sequence_parallel) parts.holders_apart = local_rank_of(layout, 0, 1);
  return parts;
}

std::int64_t part_of(const Parts& parts, int local_rank) {
  return parts.held[static_cast<std::size_t>(local_rank)];
}

TokenRange range_of(const Parts& parts, std::int64_t part) {
  return {.begin = part * parts.length, .end = (part + 1) * parts.length};
}

// Where `local_rank` gets a part that it does not hold.
int source_of(const Parts& parts, std::int64_t part, int local_rank) {
  return parts.holder[static_cast<std::size_t>(part)] +
         parts.holders_apart * parts.tensor[static_cast<std::size_t>(local_rank)];
}

// The parts that pieces of some tokens are needed from, both ends included.
struct PartSpan {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool is_whole = false;      // nothing of them is left out
  bool in_even_steps = true;  // the ranks that give them
};

// Sources of consecutive parts lie in even steps, but for parts that cross from one data rank's
// tokens to the next one's where tensor groups are strided and split their tokens.
PartSpan span_of(const Parts& parts, const TokenRange& tokens) {
  PartSpan span{.first = tokens.begin / parts.length, .last = (tokens.end - 1) / parts.length};
  span.is_whole =
      span.first * parts.length == tokens.begin && (span.last + 1) * parts.length == tokens.end;
  const int split = sequence_split(parts.layout);
  span.in_even_steps = parts.layout.order == Order::tensor_inner || split == 1 ||
                       span.first / split == span.last / split;
  return span;
}

struct Change {
  Parts from;
  Parts to;
  std::vector<PartSpan> spans{};  // by part of `to`: what it needs of `from`
  int devices = 1;
};

Change change_of(const Layout& from, const Layout& to, const StageTokens& stage) {
  Change change{.from = parts_of(from, stage), .to = parts_of(to, stage), .devices = stage.devices};
  for (std::int64_t part = 0; part < change.to.count; ++part) {
    change.spans.push_back(span_of(change.from, range_of(change.to, part)));
  }
  return change;
}

TokenRange held_by(const Change& change, int local_rank) {
  return range_of(change.from, part_of(change.from, local_rank));
}

TokenRange needed_by(const Change& change, int local_rank) {
  return range_of(change.to, part_of(change.to, local_rank));
}

const PartSpan& span_needed(const Change& change, int local_rank) {
  return change.spans[static_cast<std::size_t>(part_of(change.to, local_rank))];
}

// Calls visit(piece) for what the rank needs, in token order, its own tokens included as a move
// from itself.
template <typename Visit>
void for_each_piece(const Change& change, int local_rank, Visit visit) {
  const TokenRange needed = needed_by(change, local_rank);
  const std::int64_t own = part_of(change.from, local_rank);
  const PartSpan& span = span_needed(change, local_rank);
  for (std::int64_t part = span.first; part <= span.last; ++part) {
    const TokenRange held = range_of(change.from, part);
    visit(TokenMove{.peer = part == own ? local_rank : source_of(change.from, part, local_rank),
                    .tokens = {.begin = std::max(held.begin, needed.begin),
                               .end = std::min(held.end, needed.end)}});
  }
}

// What one rank's pieces are like.
struct Reach {
  int least = 0;  // rank that it deals with, itself included
  int greatest = 0;
  bool receives = false;
  // The ranks that give the pieces, if an all-gather over them yields the needed tokens: whole
  // parts of ranks in even steps, the rank itself among them, rank order being token order.
  std::optional<RankGroup> gather_group{};
};

Reach reach_of(const Change& change, int local_rank) {
  const PartSpan& span = span_needed(change, local_rank);
  const std::int64_t own = part_of(change.from, local_rank);
  Reach reach{.least = local_rank, .greatest = local_rank};
  reach.receives = span.first != own || span.last != own;
  const auto include = [&](std::int64_t part) {
    const int source = source_of(change.from, part, local_rank);
    reach.least = std::min(reach.least, source);
    reach.greatest = std::max(reach.greatest, source);
  };
  if (!span.in_even_steps) {
    for (std::int64_t part = span.first; part <= span.last; ++part) include(part);
    return reach;
  }
  include(span.first);
  include(span.last);
  if (span.is_whole && span.first < span.last && span.first <= own && own <= span.last) {
    const int first = source_of(change.from, span.first, local_rank);
    reach.gather_group =
        RankGroup{.first = first,
                  .size = static_cast<int>(span.last - span.first + 1),
                  .stride = source_of(change.from, span.first + 1, local_rank) - first};
  }
  return reach;
}

// What all ranks of the stage do together.
struct StageMoves {
  Redistribution::Kind kind = Redistribution::Kind::none;
  std::vector<RankGroup> gather_groups;  // by rank; of an all-gather
  int block = 1;                         // ranks of one all-to-all
};

// Whether the groups partition the stage: each group is named by all of its members.
bool are_partition(const std::vector<RankGroup>& groups) {
  std::vector<int> members(groups.size());
  for (const RankGroup& group : groups) {
    if (groups[static_cast<std::size_t>(group.first)] != group) return false;
    ++members[static_cast<std::size_t>(group.first)];
  }
  return std::all_of(groups.begin(), groups.end(), [&](const RankGroup& group) {
    return members[static_cast<std::size_t>(group.first)] == group.size;
  });
}

bool crosses_blocks(const Reach& reach, int block) {
  return reach.least / block != reach.greatest / block;
}

// The least divisor of the ranks, from `block` on, whose aligned blocks the reach does not cross.
int holding_block(int block, const Reach& reach, int devices) {
  while (devices % block != 0 || crosses_blocks(reach, block)) ++block;
  return block;
}

// Ends at the first ranks where those leave nothing open: no block below the one that has grown
// from rank to rank holds them all.
StageMoves stage_moves(const Change& change) {
  StageMoves moves;
  std::vector<Reach> reaches;
  bool changes = false;
  bool moves_tokens = false;
  bool gathers = true;
  for (int rank = 0; rank < change.devices; ++rank) {
    const Reach& reach = reaches.emplace_back(reach_of(change, rank));
    changes = changes || needed_by(change, rank) != held_by(change, rank);
    moves_tokens = moves_tokens || reach.receives;
    gathers = gathers && reach.gather_group;
    if (gathers) moves.gather_groups.push_back(*reach.gather_group);
    moves.block = holding_block(moves.block, reach, change.devices);
    if (moves_tokens && !gathers && moves.block == change.devices) break;
  }
  while (change.devices % moves.block != 0 ||
         std::any_of(reaches.begin(), reaches.end(),
                     [&](const Reach& reach) { return crosses_blocks(reach, moves.block); })) {
    ++moves.block;
  }
  using Kind = Redistribution::Kind;
  if (!moves_tokens) {
    moves.kind = changes ? Kind::slice : Kind::none;
  } else {
    gathers = gathers && are_partition(moves.gather_groups);
    moves.kind = gathers ? Kind::all_gather : Kind::all_to_all;
  }
  return moves;
}

// The most tokens that any rank sends to others.
//
// Receivers at one tensor index are served by the holders at that index (or, where tokens are
// split, by the only holder), each part in whole but for the two at the ends. So whole parts are
// counted as ranges, summed up once.
std::int64_t most_sent(const Change& change) {
  const bool is_split = change.from.layout.sequence_parallel;
  const std::int64_t rows = is_split ? 1 : change.from.layout.tensor;
  const std::int64_t columns = change.from.count;
  std::vector<std::int64_t> starts(static_cast<std::size_t>(rows * (columns + 1)));
  std::vector<std::int64_t> sent(static_cast<std::size_t>(rows * (columns + 1)));
  for (int rank = 0; rank < change.devices; ++rank) {
    const std::int64_t row = is_split ? 0 : change.from.tensor[static_cast<std::size_t>(rank)];
    const auto cell = [&](std::int64_t part) {
      return static_cast<std::size_t>(row * (columns + 1) + part);
    };
    const PartSpan& span = span_needed(change, rank);
    const TokenRange needed = needed_by(change, rank);
    ++starts[cell(span.first)];
    --starts[cell(span.last + 1)];
    // What is not needed of the parts at the ends, and what the rank holds itself.
    sent[cell(span.first)] -= needed.begin - span.first * change.from.length;
    sent[cell(span.last)] -= (span.last + 1) * change.from.length - needed.end;
    const TokenRange held = held_by(change, rank);
    const std::int64_t own = std::min(held.end, needed.end) - std::max(held.begin, needed.begin);
    sent[cell(part_of(change.from, rank))] -= std::max<std::int64_t>(own, 0);
  }
  std::int64_t most = 0;
  std::int64_t receivers = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    receivers += starts[i];
    most = std::max(most, sent[i] + receivers * change.from.length);
  }
  return most;
}

void add_all_to_all(const Change& change, int local_rank, Redistribution& result) {
  for_each_piece(change, local_rank, [&](const TokenMove& piece) {
    if (piece.peer != local_rank) result.receives.push_back(piece);
  });
  for (int i = 0; i < result.group.size; ++i) {
    const int receiver = rank_at(result.group, i);
    if (receiver == local_rank) continue;
    for_each_piece(change, receiver, [&](const TokenMove& piece) {
      if (piece.peer == local_rank) {
        result.sends.push_back({.peer = receiver, .tokens = piece.tokens});
      }
    });
  }
  std::stable_sort(result.receives.begin(), result.receives.end(),
                   [](const TokenMove& a, const TokenMove& b) { return a.peer < b.peer; });
}

// Consecutive tensor groups that split their tokens hold them in rank order, as data ranks do.
Layout in_rank_order(const Layout& layout) {
  if (layout.order != Order::tensor_inner || !layout.sequence_parallel) return layout;
  return {.tensor = 1, .data = layout.tensor * layout.data};
}

// Layouts of consecutive tensor groups nest: the same moves repeat in every run of ranks that both
// tensor degrees divide, so that one run tells all.
Change one_period(const Layout& from, const Layout& to, const StageTokens& stage) {
  if (from.order != Order::tensor_inner || to.order != Order::tensor_inner) {
    return change_of(from, to, stage);
  }
  Layout from_period = in_rank_order(from);
  Layout to_period = in_rank_order(to);
  const int ranks = std::lcm(from_period.tensor, to_period.tensor);
  from_period.data = ranks / from_period.tensor;
  to_period.data = ranks / to_period.tensor;
  return change_of(from_period, to_period,
                   {.devices = ranks, .tokens = stage.tokens / (stage.devices / ranks)});
}

}  // namespace

TokenRange tokens_held(const Layout& layout, const StageTokens& stage, int local_rank) {
  assert(stage.tokens % part_count(layout) == 0);
  const std::int64_t length = stage.tokens / part_count(layout);
  const int part =
      part_at(layout, data_index(layout, local_rank), tensor_index(layout, local_rank));
  return {.begin = part * length, .end = (part + 1) * length};
}

bool divides_tokens(const Layout& layout, const StageTokens& stage,
                    std::int64_t tokens_per_sample) {
  const std::int64_t samples = stage.tokens / tokens_per_sample;
  if (samples * tokens_per_sample != stage.tokens || samples % layout.data != 0) return false;
  return stage.tokens / layout.data % sequence_split(layout) == 0;
}

Redistribution redistribution(const Layout& from, const Layout& to, const StageTokens& stage,
                              int local_rank) {
  const Change change = change_of(from, to, stage);
  const StageMoves moves = stage_moves(change);
  Redistribution result{.kind = moves.kind, .group = {.first = local_rank}};
  switch (moves.kind) {
    case Redistribution::Kind::none:
    case Redistribution::Kind::slice:
      break;
    case Redistribution::Kind::all_gather:
      result.group = moves.gather_groups[static_cast<std::size_t>(local_rank)];
      result.payload_tokens = length(needed_by(change, local_rank));
      break;
    case Redistribution::Kind::all_to_all:
      result.group = {.first = local_rank / moves.block * moves.block, .size = moves.block};
      add_all_to_all(change, local_rank, result);
      for (const TokenMove& move : result.sends) result.payload_tokens += length(move.tokens);
      break;
  }
  return result;
}

RedistributionShape redistribution_shape(const Layout& from, const Layout& to,
                                         const StageTokens& stage) {
  const Change change = one_period(from, to, stage);
  const StageMoves moves = stage_moves(change);
  RedistributionShape shape{.kind = moves.kind};
  switch (moves.kind) {
    case Redistribution::Kind::none:
    case Redistribution::Kind::slice:
      break;
    case Redistribution::Kind::all_gather:
      shape.group = moves.gather_groups.front();
      shape.payload_tokens = change.to.length;
      break;
    case Redistribution::Kind::all_to_all: {
      shape.group = {.first = 0, .size = moves.block};
      shape.payload_tokens = most_sent(change);
      break;
    }
  }
  return shape;
}

}  // namespace galvatron
