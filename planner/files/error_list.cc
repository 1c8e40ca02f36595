#include "planner/files/error_list.h"

#include <fmt/format.h>

#include <utility>

namespace galvatron {
void ErrorList::add(std::size_t offset, Problem problem) {
  if (diagnostics_.size() == kMostDiagnostics) {
    ++left_out_;
    return;
  }
  diagnostics_.push_back(diagnose(*source_, offset, std::move(problem)));
}

std::vector<Diagnostic> ErrorList::diagnostics() const {
  std::vector<Diagnostic> all = diagnostics_;
  if (left_out_ > 0) {
    all.push_back({.code = "more",
                   .message = fmt::format("{} more of the kind", left_out_),
                   .file = source_->path});
  }
  return all;
}

void ErrorList::throw_if_any() const {
  if (!diagnostics_.empty()) throw SpecError(diagnostics());
}

}  // namespace galvatron
