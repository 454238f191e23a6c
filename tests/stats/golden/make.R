# Writes rows.csv and survey.csv: Rscript make.R <input folder> <output folder>   (R 4.2.2, survey 4.1-1)
library(survey)
options(survey.lonely.psu = "adjust", digits = 17)
set.seed(20261121)
here <- commandArgs(TRUE)[2]
rows <- do.call(rbind, lapply(1:60, function(j) {
  stratum <- (j - 1) %/% 20 + 1
  month <- (j - 1) %% 20 %/% 5 + 1
  k <- sample(1:7, 1)
  p <- plogis(1.2 + rnorm(1))
  data.frame(stratum, month, cluster = j, unit = sample(1:2, k, TRUE), y = rbinom(k, 1, p), y2 = rbinom(k, 1, p),
             answered = rbinom(k, 1, 0.9), answered2 = rbinom(k, 1, 0.7))
}))
rows$cell <- (rows$stratum - 1) * 4 + rows$month
N <- data.frame(cell = 1:12, Freq = round(runif(12, 80, 400)))
n <- table(factor(rows$cell, levels = 1:12))
rows$w <- N$Freq[rows$cell] / as.numeric(n)[rows$cell]
rows$N <- N$Freq[rows$cell]
write.csv(rows, file.path(here, "rows.csv"), row.names = FALSE)

rows$ys <- rows$y * rows$answered; rows$ys2 <- rows$y2 * rows$answered2; rows$one <- 1
cells <- svydesign(ids = ~cluster, strata = ~cell, weights = ~w, data = rows, nest = TRUE)
cells <- postStratify(cells, ~cell, N)
plain <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~one, data = rows, nest = TRUE)
out <- NULL
add <- function(name, design, d) {
  # "subset" by zeroing: rows outside the domain stay in the calibrated design
  for (what in c("share", "factor")) {
    e <- if (what == "share") svyratio(~I(ys * d), ~I(answered * d), design)
    else {
      t <- svytotal(~I(ys * d) + I(answered * d) + I(ys2 * d) + I(answered2 * d), design)
      names(t) <- c("a", "b", "e", "g"); attr(t, "names") <- c("a", "b", "e", "g")
      dimnames(attr(t, "var")) <- list(names(t), names(t))
      svycontrast(t, quote(0.5 * a / b + 0.5 * e / g))
    }
    out <<- rbind(out, data.frame(design = name, what, domain = deparse(substitute(d)), value = as.numeric(coef(e)), se = as.numeric(SE(e))))
  }
}
all <- rep(1, nrow(rows)); month1 <- as.numeric(rows$month == 1); unit2 <- as.numeric(rows$unit == 2)
s2m34 <- as.numeric(rows$stratum == 2 & rows$month >= 3)
for (name in c("calibrated", "plain")) {
  design <- if (name == "calibrated") cells else plain
  add(name, design, all); add(name, design, month1); add(name, design, unit2); add(name, design, s2m34)
}
write.csv(out, file.path(here, "survey.csv"), row.names = FALSE)
