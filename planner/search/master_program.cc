#include "planner/search/master_program.h"

#include <algorithm>
#include <cmath>

namespace galvatron::search {
namespace {

constexpr int kMostPivots = 200;
constexpr double kLeastPivot = 1e-11;
constexpr double kLeastShare = 1e-9;  // of a mix

}  // namespace

// Slacks of all rows, the start in place of the first, and `over` where the start needs it.
MasterProgram::MasterProgram(double unit, const Column& start) : unit_(unit) {
  for (std::size_t row = 0; row < kRows; ++row) {
    basis_[row] = slack(row);
    inverse_[row][row] = 1;
    level_[row] = row == kCriterionRow ? 0 : 1;
  }
  if (start.entry[kCriterionRow] > 0) {
    basis_[kCriterionRow] = over();
    inverse_[kCriterionRow][kCriterionRow] = -1;
  }
  Rows change = start.entry;
  change[kCriterionRow] *= inverse_[kCriterionRow][kCriterionRow];
  pivot(0, change, start);
}

Rows MasterProgram::prices() const {
  Rows prices{};
  for (std::size_t place = 0; place < kRows; ++place) {
    if (basis_[place].cost == 0) continue;
    for (std::size_t row = 0; row < kRows; ++row) {
      prices[row] += basis_[place].cost * inverse_[place][row];
    }
  }
  return prices;
}

double MasterProgram::reduced_cost(const Column& column, const Rows& prices) {
  double reduced = column.cost;
  for (std::size_t row = 0; row < kRows; ++row) reduced -= prices[row] * column.entry[row];
  return reduced;
}

bool MasterProgram::improve(const std::vector<Column>& columns) {
  for (int pivots = 0; pivots < kMostPivots; ++pivots) {
    const std::optional<Column> better = improving(columns, prices());
    if (!better) return true;
    if (!enter(*better)) return false;
  }
  return true;
}

std::vector<std::size_t> MasterProgram::mixed_paths() const {
  std::vector<std::size_t> paths;
  for (std::size_t place = 0; place < kRows; ++place) {
    if (basis_[place].path != kNoPath && level_[place] > kLeastShare) {
      paths.push_back(basis_[place].path);
    }
  }
  return paths;
}

Column MasterProgram::slack(std::size_t row) const {
  Column column;
  column.entry[row] = 1;
  return column;
}

Column MasterProgram::over() const {
  Column column{.entry = {}, .cost = unit_};
  column.entry[kCriterionRow] = -1;
  return column;
}

std::optional<Column> MasterProgram::improving(const std::vector<Column>& columns,
                                               const Rows& prices) const {
  const double tolerance = 1e-12 * unit_;
  for (std::size_t row = kMemoryRow; row < kRows; ++row) {
    if (prices[row] > tolerance) return slack(row);
  }
  if (prices[kCriterionRow] < -unit_ - tolerance) return over();
  const Column* best = nullptr;
  double least = -1e-10 * (std::abs(prices[0]) + 1);
  for (const Column& column : columns) {
    const double reduced = reduced_cost(column, prices);
    if (reduced >= least) continue;
    least = reduced;
    best = &column;
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

std::optional<std::size_t> MasterProgram::leaving(const Rows& change) const {
  std::optional<std::size_t> leaving;
  double least = 0;
  for (std::size_t place = 0; place < kRows; ++place) {
    if (change[place] <= kLeastPivot) continue;
    const double ratio = std::max(0.0, level_[place]) / change[place];
    if (leaving && ratio >= least) continue;
    leaving = place;
    least = ratio;
  }
  return leaving;
}

bool MasterProgram::enter(const Column& column) {
  Rows change{};
  for (std::size_t place = 0; place < kRows; ++place) {
    for (std::size_t row = 0; row < kRows; ++row) {
      change[place] += inverse_[place][row] * column.entry[row];
    }
  }
  const std::optional<std::size_t> place = leaving(change);
  if (place) pivot(*place, change, column);
  return place.has_value();
}

void MasterProgram::pivot(std::size_t place, const Rows& change, const Column& column) {
  for (double& entry : inverse_[place]) entry /= change[place];
  level_[place] /= change[place];
  for (std::size_t other = 0; other < kRows; ++other) {
    if (other == place) continue;
    for (std::size_t row = 0; row < kRows; ++row) {
      inverse_[other][row] -= change[other] * inverse_[place][row];
    }
    level_[other] -= change[other] * level_[place];
  }
  basis_[place] = column;
}

}  // namespace galvatron::search
