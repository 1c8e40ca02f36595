// The linear program over paths whose duals are a stage's best prices.
//
// Rows, each scaled to a right side of 0 or 1:
//
//   0          the mix of paths sums to one
//   1          memory + slack = room
//   2, 3, ...  capped time + slack = cap, one for each
//   last       (second - first criterion) - over + under = 0
//
// The objective is the mixed first criterion + over, which is the larger of the two. Seven rows
// are few enough to keep the basis inverted.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "planner/search/stage_model.h"

namespace galvatron::search {

inline constexpr std::size_t kRows = kCappedTimes + 3;
inline constexpr std::size_t kMemoryRow = 1;
inline constexpr std::size_t kFirstCapRow = 2;
inline constexpr std::size_t kCriterionRow = kRows - 1;
using Rows = std::array<double, kRows>;

inline constexpr std::size_t kNoPath = static_cast<std::size_t>(-1);

struct Column {
  Rows entry{};
  double cost = 0;
  std::size_t path = kNoPath;  // that the column stands for
};

class MasterProgram {
 public:
  // `unit`: the price of one unit of `over` in its scaled row. `start`: a column that fits alone.
  MasterProgram(double unit, const Column& start);

  // Of the rows: at these every basic column is worth what it costs.
  Rows prices() const;
  static double reduced_cost(const Column& column, const Rows& prices);
  // Brings slacks and columns into the basis until none of them improves the mix; false when
  // rounding leaves no pivot.
  bool improve(const std::vector<Column>& columns);
  // The paths that the mix is made of.
  std::vector<std::size_t> mixed_paths() const;

 private:
  Column slack(std::size_t row) const;
  Column over() const;
  std::optional<Column> improving(const std::vector<Column>& columns, const Rows& prices) const;
  std::optional<std::size_t> leaving(const Rows& change) const;
  bool enter(const Column& column);
  void pivot(std::size_t place, const Rows& change, const Column& column);

  double unit_;
  std::array<Column, kRows> basis_{};
  std::array<Rows, kRows> inverse_{};  // of the basis, [place in the basis][row]
  Rows level_{};                       // of the basic columns in the mix
};

}  // namespace galvatron::search
