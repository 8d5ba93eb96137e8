import java.util.Arrays;

public class Sort {
    public static void main(String[] words) {
        Arrays.sort(words);
        System.out.println(String.join(",", words));
    }
}
