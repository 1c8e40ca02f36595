// Collects what is wrong with one file, so that the user sees all of it at once.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/files/spec_error.h"

namespace galvatron {

class ErrorList {
 public:
  // `source` must outlive the list.
  explicit ErrorList(const Source& source) : source_(&source) {}

  // Beyond the first hundred errors only their number is kept.
  void add(std::size_t offset, Problem problem);

  bool empty() const { return diagnostics_.empty(); }
  bool full() const { return diagnostics_.size() == kMostDiagnostics; }
  const Source& source() const { return *source_; }

  // Throws SpecError with everything collected, if anything was.
  void throw_if_any() const;

 private:
  // A hostile file could hold one error per byte; nobody reads past these.
  static constexpr std::size_t kMostDiagnostics = 100;

  const Source* source_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t left_out_ = 0;
};

}  // namespace galvatron
