package localelastic;

import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.TokenStream;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.TokenFilterFactory;

/**
 * A token filter.
 *
 * @param plain the filter as it is when it is only named
 * @param reader the filter with parameters
 */
record TokenFilterComponent(
        String name, Kind kind, UnaryOperator<TokenStream> plain, Set<String> parameters,
        Component.Configuration<UnaryOperator<TokenStream>> reader) implements Component<TokenFilterFactory> {

    /** What the filter does to one token, and so where it may stand. */
    enum Kind {
        /** One token stays one token, and the same for every part of it: may stand in a normalizer. */
        NORMALIZING,
        /** One token stays one token, but a part of it would become another: not in a normalizer. */
        SHORTENING,
        /** One token becomes several: neither in a normalizer nor in front of synonyms. */
        SPLITTING
    }

    PreConfiguredTokenFilter preconfigured() {
        return PreConfiguredTokenFilter.singleton(name, kind == Kind.NORMALIZING, kind != Kind.SPLITTING, plain);
    }

    @Override
    public TokenFilterFactory configured(IndexSettings index, String given, Settings settings) {
        UnaryOperator<TokenStream> filter = reader.read(index, settings);
        return switch (kind) {
            case NORMALIZING -> new Normalizing(given, filter, plain);
            case SHORTENING -> new Plain(given, filter);
            case SPLITTING -> new Splitting(given, filter);
        };
    }

    private static class Plain extends AbstractTokenFilterFactory {
        private final UnaryOperator<TokenStream> filter;

        Plain(String name, UnaryOperator<TokenStream> filter) {
            super(name);
            this.filter = filter;
        }

        @Override
        public TokenStream create(TokenStream input) {
            return filter.apply(input);
        }
    }

    /** In normalizers and synonym rules without parameters: those of the filters here can only add tokens. */
    private static final class Normalizing extends Plain implements NormalizingTokenFilterFactory {
        private final UnaryOperator<TokenStream> plain;

        Normalizing(String name, UnaryOperator<TokenStream> filter, UnaryOperator<TokenStream> plain) {
            super(name, filter);
            this.plain = plain;
        }

        @Override
        public TokenStream normalize(TokenStream input) {
            return plain.apply(input);
        }

        @Override
        public TokenFilterFactory getSynonymFilter() {
            return new Plain(name(), plain);
        }
    }

    private static final class Splitting extends Plain {
        Splitting(String name, UnaryOperator<TokenStream> filter) {
            super(name, filter);
        }

        @Override
        public TokenFilterFactory getSynonymFilter() {
            throw new IllegalArgumentException("Token filter [" + name() + "] cannot be used to parse synonyms");
        }

        @Override
        public boolean breaksFastVectorHighlighter() {
            return true; // its tokens overlap
        }
    }
}
