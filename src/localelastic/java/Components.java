package localelastic;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.KeywordRepeatFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.TruncateTokenFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/**
 * The analysis components that Elasticsearch keeps in a module which is not published: Lucene's own classes under
 * Elasticsearch's names, parameters and defaults. To add one, add an entry here and its name to {@code components.py}.
 *
 * <p>The form without parameters is written out, since it is not always the form with default parameters: the
 * {@code edge_ngram} that is only named makes grams of one character, the configured one of one and two.
 */
final class Components {
    static final List<TokenFilterComponent> TOKEN_FILTERS = List.of(
        new TokenFilterComponent(
            "asciifolding", TokenFilterComponent.Kind.NORMALIZING, ASCIIFoldingFilter::new,
            Set.of("preserve_original"),
            (index, settings) -> {
                boolean original = settings.getAsBoolean("preserve_original", false);
                return input -> new ASCIIFoldingFilter(input, original);
            }),
        new TokenFilterComponent(
            "cjk_bigram", TokenFilterComponent.Kind.SPLITTING, CJKBigramFilter::new, Set.of(),
            (index, settings) -> CJKBigramFilter::new),
        normalizing("cjk_width", CJKWidthFilter::new),
        new TokenFilterComponent(
            "edge_ngram", TokenFilterComponent.Kind.SPLITTING, input -> new EdgeNGramTokenFilter(input, 1),
            Set.of("min_gram", "max_gram", "preserve_original"),
            (index, settings) -> {
                int min = settings.getAsInt("min_gram", 1);
                int max = settings.getAsInt("max_gram", 2);
                boolean original = settings.getAsBoolean("preserve_original", false);
                return input -> new EdgeNGramTokenFilter(input, min, max, original);
            }),
        normalizing("german_normalization", GermanNormalizationFilter::new),
        new TokenFilterComponent(
            "keyword_repeat", TokenFilterComponent.Kind.SPLITTING, KeywordRepeatFilter::new, Set.of(),
            (index, settings) -> KeywordRepeatFilter::new),
        new TokenFilterComponent(
            "ngram", TokenFilterComponent.Kind.SPLITTING, input -> new NGramTokenFilter(input, 1, 2, false),
            Set.of("min_gram", "max_gram", "preserve_original"),
            (index, settings) -> {
                int min = settings.getAsInt("min_gram", 1);
                int max = settings.getAsInt("max_gram", 2);
                boolean original = settings.getAsBoolean("preserve_original", false);
                checkNgramDiff(index, min, max);
                return input -> new NGramTokenFilter(input, min, max, original);
            }),
        new TokenFilterComponent(
            "porter_stem", TokenFilterComponent.Kind.SHORTENING, PorterStemFilter::new, Set.of(),
            (index, settings) -> PorterStemFilter::new),
        new TokenFilterComponent(
            "remove_duplicates", TokenFilterComponent.Kind.SHORTENING, RemoveDuplicatesTokenFilter::new, Set.of(),
            (index, settings) -> RemoveDuplicatesTokenFilter::new),
        new TokenFilterComponent(
            "truncate", TokenFilterComponent.Kind.SHORTENING, input -> TruncateTokenFilter.truncateAfterChars(input, 10),
            Set.of("length"),
            (index, settings) -> {
                int length = settings.getAsInt("length", -1);
                if (length <= 0) {
                    throw new IllegalArgumentException("length parameter must be provided");
                }
                return input -> TruncateTokenFilter.truncateAfterChars(input, length);
            }));

    static final List<TokenizerComponent> TOKENIZERS = List.of(
        new TokenizerComponent(
            "ngram", NGramTokenizer::new, Set.of("min_gram", "max_gram", "token_chars"), Components::ngramTokenizer),
        new TokenizerComponent(
            "pattern", () -> new PatternTokenizer(Pattern.compile("\\W+"), -1), Set.of("pattern", "flags", "group"),
            (index, settings) -> {
                Pattern pattern = Regex.compile(settings.get("pattern", "\\W+"), settings.get("flags"));
                int group = settings.getAsInt("group", -1); // -1: the pattern stands between tokens
                return () -> new PatternTokenizer(pattern, group);
            }));

    static final List<CharFilterComponent> CHAR_FILTERS = List.of(
        new CharFilterComponent(
            "html_strip", HTMLStripCharFilter::new, Set.of("escaped_tags"),
            (index, settings) -> {
                Set<String> kept = Set.copyOf(settings.getAsList("escaped_tags"));
                return input -> new HTMLStripCharFilter(input, kept);
            }));

    private Components() {}

    /** Prints what is here, one "kind name" per line; a test compares it with {@code components.py}. */
    public static void main(String[] arguments) {
        TOKEN_FILTERS.forEach(component -> System.out.println("filter " + component.name()));
        TOKENIZERS.forEach(component -> System.out.println("tokenizer " + component.name()));
        CHAR_FILTERS.forEach(component -> System.out.println("char_filter " + component.name()));
    }

    static <F> Map<String, AnalysisProvider<F>> providers(List<? extends Component<F>> components) {
        Map<String, AnalysisProvider<F>> providers = new TreeMap<>();
        for (Component<F> component : components) {
            providers.put(component.name(), (index, environment, name, settings) -> component.checked(index, name, settings));
        }
        return providers;
    }

    private static TokenFilterComponent normalizing(String name, UnaryOperator<TokenStream> filter) {
        return new TokenFilterComponent(
            name, TokenFilterComponent.Kind.NORMALIZING, filter, Set.of(), (index, settings) -> filter);
    }

    private static Supplier<Tokenizer> ngramTokenizer(IndexSettings index, Settings settings) {
        int min = settings.getAsInt("min_gram", NGramTokenizer.DEFAULT_MIN_NGRAM_SIZE);
        int max = settings.getAsInt("max_gram", NGramTokenizer.DEFAULT_MAX_NGRAM_SIZE);
        checkNgramDiff(index, min, max);
        List<TokenChars> kept = settings.getAsList("token_chars").stream().map(TokenChars::named).toList();
        return () -> new NGramTokenizer(min, max) {
            @Override
            protected boolean isTokenChar(int character) {
                return kept.isEmpty() || kept.stream().anyMatch(chars -> chars.has(character));
            }
        };
    }

    private static void checkNgramDiff(IndexSettings index, int min, int max) {
        if (max - min > index.getMaxNgramDiff()) {
            throw new IllegalArgumentException(
                "The difference between max_gram and min_gram in NGram Tokenizer must be less than or equal to: ["
                    + index.getMaxNgramDiff() + "] but was [" + (max - min) + "]. This limit can be set by changing the ["
                    + IndexSettings.MAX_NGRAM_DIFF_SETTING.getKey() + "] index level setting.");
        }
    }
}
