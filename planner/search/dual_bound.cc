#include "planner/search/dual_bound.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace galvatron::search {
namespace {

// The rows of the linear program, each scaled to a right side of 0 or 1:
//   the mix sums to one
//   memory + slack = room
//   capped time + slack = cap, for each
//   (second - first criterion) - over + under = 0
// The objective is the mixed first criterion + over, which is the larger of the two.
constexpr std::size_t kMixRow = 0;
constexpr std::size_t kMemoryRow = 1;
constexpr std::size_t kFirstCapRow = 2;
constexpr std::size_t kCriterionRow = kFirstCapRow + kCappedTimes;
constexpr std::size_t kRows = kCriterionRow + 1;
constexpr int kMostRounds = 48;

using Vector = std::array<double, kRows>;

struct Column {
  Vector entry{};
  double cost = 0;
};

// Solves matrix x = right by elimination with row pivots; nothing when the matrix is singular.
std::optional<Vector> solve(std::array<Vector, kRows> matrix, Vector right) {
  for (std::size_t k = 0; k < kRows; ++k) {
    std::size_t pivot = k;
    for (std::size_t row = k + 1; row < kRows; ++row) {
      if (std::abs(matrix[row][k]) > std::abs(matrix[pivot][k])) pivot = row;
    }
    if (std::abs(matrix[pivot][k]) < 1e-13) return std::nullopt;
    std::swap(matrix[pivot], matrix[k]);
    std::swap(right[pivot], right[k]);
    for (std::size_t row = k + 1; row < kRows; ++row) {
      const double factor = matrix[row][k] / matrix[k][k];
      for (std::size_t column = k; column < kRows; ++column) {
        matrix[row][column] -= factor * matrix[k][column];
      }
      right[row] -= factor * right[k];
    }
  }
  for (std::size_t k = kRows; k-- > 0;) {
    for (std::size_t column = k + 1; column < kRows; ++column) {
      right[k] -= matrix[k][column] * right[column];
    }
    right[k] /= matrix[k][k];
  }
  return right;
}

class MasterProgram {
 public:
  explicit MasterProgram(const std::array<Column, kRows>& basis) : basis_(basis) {}

  // Prices of the rows at which every basic column is worth what it costs.
  std::optional<Vector> prices() const {
    std::array<Vector, kRows> transposed{};
    Vector cost{};
    for (std::size_t i = 0; i < kRows; ++i) {
      transposed[i] = basis_[i].entry;
      cost[i] = basis_[i].cost;
    }
    return solve(transposed, cost);
  }

  // Brings a column into the basis; false when rounding leaves no pivot.
  bool enter(const Column& column) {
    std::array<Vector, kRows> matrix{};
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t i = 0; i < kRows; ++i) matrix[row][i] = basis_[i].entry[row];
    }
    Vector right;
    right.fill(1);
    right[kCriterionRow] = 0;
    const std::optional<Vector> level = solve(matrix, right);
    const std::optional<Vector> change = solve(matrix, column.entry);
    if (!level || !change) return false;
    std::size_t leaving = kRows;
    double least = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      if ((*change)[i] <= 1e-11) continue;
      const double ratio = std::max(0.0, (*level)[i]) / (*change)[i];
      if (leaving == kRows || ratio < least) {
        leaving = i;
        least = ratio;
      }
    }
    if (leaving == kRows) return false;
    basis_[leaving] = column;
    return true;
  }

 private:
  std::array<Column, kRows> basis_;
};

// One bound in the making.
class ColumnGeneration {
 public:
  ColumnGeneration(const CappedStage& stage, const Target& target, Work& work)
      : stage_(stage),
        target_(target),
        work_(work),
        room_(static_cast<double>(stage.room())),
        capped_(stage.model().capped),
        two_criteria_(stage.model().criteria == 2) {
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (capped_[j]) cap_[j] = static_cast<double>(target.caps[j]);
    }
  }

  DualBound run() {
    if (!add_least_resource_path({.memory = 1}, room_)) return infeasible(true);
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      Direction least;
      least.capped[j] = 1;
      if (capped_[j] && !add_least_resource_path(least, cap_[j])) return infeasible(false);
    }
    unit_ = 1;
    for (const Path& path : result_.paths) unit_ = std::max(unit_, column_of(path.sums).cost);
    MasterProgram program(first_basis());
    for (int round = 0; round < kMostRounds && result_.value < target_.limit; ++round) {
      const std::optional<Vector> prices = program.prices();
      if (!prices) break;
      if (const std::optional<Column> slack = improving_slack(*prices)) {
        if (!program.enter(*slack)) break;
        continue;
      }
      const std::optional<Column> column = price(*prices);
      if (!column || !program.enter(*column)) break;
    }
    return std::move(result_);
  }

 private:
  static DualBound infeasible(bool for_any_caps) {
    return {.value = kUnlimited, .is_for_any_caps = for_any_caps};
  }

  // The path that needs least of a resource; false when even that does not fit.
  bool add_least_resource_path(const Direction& direction, double available) {
    ++work_.statistics.shortest_paths;
    const Completion completion = stage_.complete(direction);
    if (completion.least - rounding_guard(stage_.length(), completion.least) > available) {
      return false;
    }
    result_.paths.push_back(stage_.cheapest_path(completion));
    return !result_.paths.back().items.empty();
  }

  Column column_of(const PathSums& sums) const {
    const double first = static_cast<double>(sums.cost[0] + target_.offset[0]);
    const double second =
        two_criteria_ ? static_cast<double>(sums.cost[1] + target_.offset[1]) : first;
    Column column{.cost = first};
    column.entry[kMixRow] = 1;
    column.entry[kMemoryRow] = static_cast<double>(sums.memory) / std::max(1.0, room_);
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      column.entry[kFirstCapRow + j] = static_cast<double>(sums.capped[j]) / std::max(1.0, cap_[j]);
    }
    column.entry[kCriterionRow] = (second - first) / unit_;
    return column;
  }

  // The path of least memory alone if it fits; otherwise a column that fits and costs more than any
  // mix should, to be priced out.
  std::array<Column, kRows> first_basis() const {
    const PathSums& lightest = result_.paths.front().sums;
    bool fits = true;
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      fits = fits && (!capped_[j] || lightest.capped[j] <= target_.caps[j]);
    }
    std::array<Column, kRows> basis;
    for (std::size_t row = 0; row < kRows; ++row) basis[row] = slack(row);
    basis[kMixRow].cost = 64 * unit_;
    if (fits) basis[kMixRow] = column_of(lightest);
    if (basis[kMixRow].entry[kCriterionRow] > 0) basis[kCriterionRow] = over();
    return basis;
  }

  static std::array<double, kCappedTimes> all_ones() {
    std::array<double, kCappedTimes> ones;
    ones.fill(1);
    return ones;
  }

  static Column slack(std::size_t row) {
    Column column;
    column.entry[row] = 1;
    return column;
  }
  Column over() const {
    Column column{.entry = {}, .cost = unit_};
    column.entry[kCriterionRow] = -1;
    return column;
  }

  std::optional<Column> improving_slack(const Vector& prices) const {
    const double tolerance = 1e-12 * unit_;
    for (std::size_t row = kMemoryRow; row < kRows; ++row) {
      if (prices[row] > tolerance) return slack(row);
    }
    if (prices[kCriterionRow] < -unit_ - tolerance) return over();
    return std::nullopt;
  }

  // The bound at these prices, and the column that improves the mix, if one does.
  std::optional<Column> price(const Vector& prices) {
    const double second = std::clamp(-prices[kCriterionRow] / unit_, 0.0, 1.0);
    Direction direction{.cost = {two_criteria_ ? 1 - second : 1, two_criteria_ ? second : 0, 0},
                        .memory = std::max(0.0, -prices[kMemoryRow]) / std::max(1.0, room_)};
    double spent = direction.memory * room_;
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (!capped_[j]) continue;
      direction.capped[j] = std::max(0.0, -prices[kFirstCapRow + j]) / std::max(1.0, cap_[j]);
      spent += direction.capped[j] * cap_[j];
    }
    ++work_.statistics.shortest_paths;
    const Completion completion = stage_.complete(direction);
    const double offset = direction.cost[0] * static_cast<double>(target_.offset[0]) +
                          direction.cost[1] * static_cast<double>(target_.offset[1]);
    const double bound = completion.least + offset - spent;
    const double guard =
        rounding_guard(stage_.length(), completion.least + std::abs(offset) + spent);
    const Time value = round_bound(bound, guard);
    if (!priced_ || value > result_.value) {
      result_.value = value;
      result_.direction = direction;
      priced_ = true;
    }
    Path path = stage_.cheapest_path(completion);
    const Column column = column_of(path.sums);
    double reduced = column.cost;
    for (std::size_t row = 0; row < kRows; ++row) reduced -= prices[row] * column.entry[row];
    result_.paths.push_back(std::move(path));
    if (reduced > -1e-10 * (std::abs(prices[0]) + 1)) return std::nullopt;
    return column;
  }

  const CappedStage& stage_;
  const Target& target_;
  Work& work_;
  double room_;
  Capped capped_;
  std::array<double, kCappedTimes> cap_ = all_ones();
  bool two_criteria_;
  double unit_ = 1;
  bool priced_ = false;
  DualBound result_{.direction = {.cost = {1, 0, 0}}};
};

}  // namespace

DualBound dual_bound(const CappedStage& stage, const Target& target, Work& work) {
  if (stage.room() < 0) return {.value = kUnlimited, .is_for_any_caps = true};
  return ColumnGeneration(stage, target, work).run();
}

Time objective_of(const PathSums& sums, const Target& target, int criteria) {
  const Time first = sums.cost[0] + target.offset[0];
  return criteria == 2 ? std::max(first, sums.cost[1] + target.offset[1]) : first;
}

bool fits_stage(const CappedStage& stage, const Target& target, const PathSums& sums) {
  return sums.memory + sums.transient <= stage.whole_room() && no_longer(sums.capped, target.caps);
}

Time round_bound(double bound, double guard) {
  const double safe = std::ceil(bound - guard);
  if (!(safe > 0)) return 0;
  constexpr double kLargest = 9e18;
  return safe >= kLargest ? kUnlimited : static_cast<Time>(safe);
}

}  // namespace galvatron::search
