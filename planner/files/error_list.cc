#include "planner/files/error_list.h"

#include <fmt/format.h>

#include <utility>

namespace galvatron {
void ErrorList::add(std::size_t offset, Problem problem) {
  if (full()) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back(diagnose(*source_, offset, std::move(problem)));
}

void ErrorList::throw_if_any() const {
  if (diagnostics_.empty()) return;
  std::vector<Diagnostic> all = diagnostics_;
  if (left_out_ > 0) {
    all.push_back({.code = "more_errors",
                   .message = fmt::format("{} more errors", left_out_),
                   .file = source_->path});
  }
  throw SpecError(std::move(all));
}

}  // namespace galvatron
